//! The tables in canonical form: known columns, one spelling for each value, rows in key order.
//!
//! Two sets of tables with the same meaning have the same canonical form, and so the same revision.

mod read;
mod row;

use sha2::{Digest, Sha256};

use super::table::Tables;
use crate::finding::Finding;
use crate::schema::{PerTable, TableName};
use read::read_rows;
pub use row::CanonicalRow;
use row::RowData;

/// The canonical rows of all tables.
#[derive(Clone, Debug)]
pub struct Canonical {
    tables: PerTable<CanonicalTable>,
}

#[derive(Clone, Debug)]
struct CanonicalTable {
    /// In key order.
    rows: Vec<RowData>,
    is_incomplete: bool,
    is_missing: bool,
}

impl Canonical {
    /// Reads every cell; a finding names each that is not valid.
    ///
    /// A row without valid keys is dropped; any other invalid cell counts as empty.
    #[must_use]
    pub fn read(tables: &Tables) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let tables = PerTable::new(|name| {
            let table = tables.table(name);
            CanonicalTable {
                rows: read_rows(name, table, &mut findings),
                is_incomplete: table.is_incomplete(),
                is_missing: table.is_missing(),
            }
        });
        (Self { tables }, findings)
    }

    /// The rows of a table in key order.
    pub fn rows(&self, table: TableName) -> impl Iterator<Item = CanonicalRow<'_>> {
        let rows = self.tables.get(table).rows.iter();
        rows.map(move |row| CanonicalRow { table, row })
    }

    /// Whether a table has rows that could not be read at all.
    pub(crate) fn is_incomplete(&self, table: TableName) -> bool {
        self.tables.get(table).is_incomplete
    }

    /// Whether the folder has no file for a table.
    pub(crate) fn is_missing(&self, table: TableName) -> bool {
        self.tables.get(table).is_missing
    }

    /// The row with these keys, which must be canonical.
    #[must_use]
    pub fn find(&self, table: TableName, partition: &str, key: &str) -> Option<CanonicalRow<'_>> {
        let rows = &self.tables.get(table).rows;
        let at = rows.binary_search_by(|row| row.keys().cmp(&(partition, key)));
        let row = rows.get(at.ok()?)?;
        Some(CanonicalRow { table, row })
    }

    /// How many rows a table has.
    #[must_use]
    pub fn len(&self, table: TableName) -> usize {
        self.tables.get(table).rows.len()
    }

    /// SHA-256 over the tables that count into the revision.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for name in TableName::IN_REVISION {
            for row in self.rows(name) {
                part(&mut digest, name.as_str());
                for (column, text) in row.cells() {
                    part(&mut digest, column.as_str());
                    part(&mut digest, text);
                }
            }
        }
        digest.finalize().into()
    }
}

/// Length first, so that no two sequences of parts give the same bytes.
fn part(digest: &mut Sha256, text: &str) {
    digest.update((text.len() as u64).to_le_bytes());
    digest.update(text.as_bytes());
}
