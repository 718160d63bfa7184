//! Reading all tables of a folder.

use dps_allocation::tables::{TableName, Tables};
use sha2::{Digest as _, Sha256};

use super::error::ReadError;
use super::files::{CsvFolder, too_large};
use super::found::{nearest_table, no_table};
use crate::budget::{Budget, Limits};
use crate::csv::file::{self, FileError, Notes};
use crate::fingerprint::FingerprintBuilder;
use crate::stored::StoredTables;

impl CsvFolder {
    /// Reads all tables, with notes.
    ///
    /// Tables beyond the limits are a finding, and empty.
    ///
    /// # Errors
    /// [`ReadError`] when the folder or a table's file cannot be read.
    pub fn read(&self) -> Result<StoredTables, ReadError> {
        self.read_within(Limits::default())
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// As [`CsvFolder::read`].
    pub fn read_within(&self, limits: Limits) -> Result<StoredTables, ReadError> {
        self.read_files(limits, Notes::Keep)
    }

    /// The same without columns that are never rules.
    ///
    /// # Errors
    /// As [`CsvFolder::read`].
    pub fn read_rules(&self) -> Result<StoredTables, ReadError> {
        self.read_files(Limits::default(), Notes::LeaveOut)
    }

    fn read_files(&self, limits: Limits, notes: Notes) -> Result<StoredTables, ReadError> {
        let budget = Budget::new(limits);
        let mut over_budget = None;
        let mut tables = Tables::default();
        let mut findings = Vec::new();
        let mut fingerprint = FingerprintBuilder::default();
        let files = self.list()?;
        for name in TableName::all() {
            if files.iter().all(|file| file.table != Some(name)) {
                tables.table_mut(name).mark_missing();
            }
        }
        for file in files {
            let Some(table) = file.table else {
                let meant = nearest_table(&file.name);
                findings.push(no_table(&file.name, meant));
                fingerprint.add(&file.name, None);
                if let Some(meant) = meant {
                    tables.table_mut(meant).mark_incomplete();
                }
                continue;
            };
            let unreadable = |source| file.unreadable(source);
            let rows = tables.table_mut(table);
            let Some(bytes) = self.content(&file.path).map_err(unreadable)? else {
                // Piece by piece, so that it takes no memory.
                let digest = self.digest(&file.path).map_err(unreadable)?;
                fingerprint.add(&file.name, Some(digest));
                rows.mark_incomplete();
                findings.push(too_large(table));
                continue;
            };
            fingerprint.add(&file.name, Some(Sha256::digest(&bytes).into()));
            if over_budget.is_some() {
                continue;
            }
            match file::read(table, &bytes, rows, notes, &budget, &mut findings) {
                Ok(()) => {}
                Err(FileError::Read(source)) => return Err(unreadable(source)),
                Err(FileError::OverBudget(over)) => over_budget = Some(over),
            }
        }
        if let Some(over) = over_budget {
            tables = Tables::default();
            for name in TableName::all() {
                tables.table_mut(name).mark_incomplete();
            }
            findings.push(over.finding());
        }
        Ok(StoredTables {
            tables,
            findings,
            fingerprint: fingerprint.finish(),
            push_under_way: None,
        })
    }
}
