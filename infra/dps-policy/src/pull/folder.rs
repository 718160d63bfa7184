//! The folder that tables are pulled into.

use std::io;
use std::path::Path;

use anyhow::Context as _;
use dps_allocation::Finding;
use dps_allocation::tables::{RowChange, TableName, Tables, diff};
use dps_policy_store::{CsvFolder, ReadError, StoredTables};

use crate::changes;
use crate::output::{self, counted};

/// The folder as it is, beside the tables that it is to hold.
pub(super) struct Folder<'a> {
    path: &'a Path,
    /// The tables that are to be written.
    names: Vec<TableName>,
    /// `None` if it holds no table yet.
    stored: Option<StoredTables>,
    /// What would be lost.
    changes: Vec<RowChange>,
}

impl<'a> Folder<'a> {
    pub(super) fn read(
        path: &'a Path,
        wanted: &Tables,
        names: Vec<TableName>,
    ) -> anyhow::Result<Self> {
        let stored = match CsvFolder::new(path).read() {
            Ok(stored) => Some(stored),
            Err(ReadError::NoTables { .. }) => None,
            Err(ReadError::Folder { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                None
            }
            Err(error) => return Err(error.into()),
        };
        let mut changes = match &stored {
            Some(stored) => diff(&stored.tables, wanted),
            None => Vec::new(),
        };
        changes.retain(|row| names.contains(&row.table));
        Ok(Self {
            path,
            names,
            stored,
            changes,
        })
    }

    /// A line that cannot be read would be lost too.
    fn broken(&self) -> Option<&Finding> {
        self.stored.as_ref()?.findings.first()
    }

    pub(super) fn may_be_written(&self) -> bool {
        self.changes.is_empty() && self.broken().is_none()
    }

    pub(super) fn show(&self) -> anyhow::Result<()> {
        let folder = self.path.display();
        let what = match self.broken() {
            Some(finding) => format!("what cannot be compared ({finding})"),
            None => "other rows".to_owned(),
        };
        output::print(&changes::text(&self.changes))?;
        output::note(&format!(
            "`{folder}` has {what}; nothing was written, add --force to replace them"
        ));
        Ok(())
    }

    pub(super) fn write(&self, tables: &Tables) -> anyhow::Result<()> {
        let all = self.stored.is_none() || self.broken().is_some();
        let differs = |name: &TableName| self.changes.iter().any(|row| row.table == *name);
        let names = self.names.iter().copied();
        let names: Vec<TableName> = names.filter(|name| all || differs(name)).collect();
        let folder = self.path.display();
        let written = CsvFolder::new(self.path).write(tables, names.iter().copied());
        written.with_context(|| format!("`{folder}` cannot be written"))?;
        let rows: usize = names.iter().map(|name| tables.table(*name).len()).sum();
        let (files, rows) = (counted(names.len(), "file"), counted(rows, "row"));
        let same = match self.names.len() - names.len() {
            0 => String::new(),
            same => format!("; {} had the same rows", counted(same, "table")),
        };
        output::print(&format!(
            "{files} with {rows} written to `{folder}`{same}\n"
        ))
    }
}
