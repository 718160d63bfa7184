//! Changing the files of a folder.

use std::io;

use dps_allocation::tables::{Table, TableName, Tables, diff_table};

use super::error::EditError;
use super::files::CsvFolder;
use crate::budget::{Budget, Limits};
use crate::csv::file::{self, Notes, RowEdit};
use crate::files::{make_folder, write_file};
use crate::stored::StoredTables;

impl CsvFolder {
    /// Replaces the files of these tables, each one atomically.
    ///
    /// # Errors
    /// When the folder cannot be created or a file cannot be written; others may have been written.
    pub fn write(
        &self,
        tables: &Tables,
        names: impl IntoIterator<Item = TableName>,
    ) -> io::Result<()> {
        make_folder(&self.path)?;
        for name in names {
            self.replace(name, &file::write(name, tables.table(name))?)?;
        }
        Ok(())
    }

    /// Changes or adds one row of a file, whose comments and layout stay.
    ///
    /// `before` is what was read, `after` the table that the new file holds.
    ///
    /// # Errors
    /// [`EditError`]; the file is as it was.
    pub fn edit_row(
        &self,
        before: &StoredTables,
        name: TableName,
        edit: RowEdit<'_>,
        after: &Table,
    ) -> Result<(), EditError> {
        let path = self.path.join(name.file_name());
        let unwritten = |source| EditError::Write {
            path: path.clone(),
            source,
        };
        if self.fingerprint()? != before.fingerprint {
            let path = self.path.clone();
            return Err(EditError::Edited { path });
        }
        let content = match self.content(&path) {
            Ok(bytes) => {
                let text = bytes.as_deref().and_then(|it| str::from_utf8(it).ok());
                let edited = text.and_then(|text| file::edit(name, text, edit));
                let edited = edited.filter(|text| says(name, text, after));
                let layout = || EditError::Layout { path: path.clone() };
                edited.ok_or_else(layout)?.into_bytes()
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                file::write(name, after).map_err(unwritten)?
            }
            Err(error) => return Err(unwritten(error)),
        };
        self.replace(name, &content).map_err(unwritten)
    }

    /// Replaces the file atomically.
    fn replace(&self, name: TableName, content: &[u8]) -> io::Result<()> {
        write_file(&self.path.join(name.file_name()), content)
    }
}

/// Whether a file with this text is read as the table.
fn says(name: TableName, text: &str, wanted: &Table) -> bool {
    let (mut table, mut findings) = (Table::default(), Vec::new());
    let (notes, budget) = (Notes::Keep, Budget::new(Limits::default()));
    let bytes = text.as_bytes();
    let read = file::read(name, bytes, &mut table, notes, &budget, &mut findings);
    read.is_ok() && diff_table(name, wanted, &table).is_empty()
}
