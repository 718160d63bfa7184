//! What one read of the tables may take, so that no tables exhaust the memory of an instance.

use std::sync::{Mutex, PoisonError};

use dps_allocation::Finding;
use dps_allocation::tables::{TableName, TableTooLarge};

/// How much all tables of one read may hold together.
///
/// `devices` counts where it is read as a whole: in a folder, not in Azure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows of all tables.
    pub rows: usize,
    /// Bytes of the text in all cells, keys and notes included.
    pub text: usize,
    /// Columns of one table.
    pub columns: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: 300_000,
            text: 16 << 20,
            columns: 300,
        }
    }
}

/// The tables hold more than one read may take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OverBudget {
    /// Too many rows.
    #[error("the tables have more than {0} rows in all")]
    Rows(usize),
    /// Too much text.
    #[error("the tables have more than {0} of text in all")]
    Text(String),
    /// Too many columns.
    #[error("{table} has more than {max} columns")]
    Columns {
        /// The table.
        table: &'static str,
        /// How many it may have.
        max: usize,
    },
    /// The service gives more at once than Azure Tables does.
    #[error("one page of a table has more than {0}")]
    Page(String),
    /// More text than a table can hold in memory.
    #[error(transparent)]
    Table(#[from] TableTooLarge),
}

impl OverBudget {
    /// What operators read.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let help = "remove rows and columns that no device needs, or shorten notes";
        Finding::outside_tables(self.to_string(), help)
    }
}

/// The budget of one read; tables that are read at the same time share it.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    /// The rows and the text that the read may still take.
    left: Mutex<Limits>,
}

impl Budget {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            left: Mutex::new(limits),
        }
    }

    /// Takes what a row needs; to be called before the row is stored.
    pub(crate) fn row<'c>(
        &self,
        cells: impl IntoIterator<Item = &'c str>,
    ) -> Result<(), OverBudget> {
        let bytes: usize = cells.into_iter().map(|cell| cell.trim().len()).sum();
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let over_rows = OverBudget::Rows(self.limits.rows);
        left.rows = left.rows.checked_sub(1).ok_or(over_rows)?;
        let over_text = || OverBudget::Text(size(self.limits.text));
        left.text = left.text.checked_sub(bytes).ok_or_else(over_text)?;
        Ok(())
    }

    /// Checks the number of columns of a table.
    pub(crate) fn columns(&self, table: TableName, columns: usize) -> Result<(), OverBudget> {
        if columns > self.limits.columns {
            return Err(OverBudget::Columns {
                table: table.as_str(),
                max: self.limits.columns,
            });
        }
        Ok(())
    }
}

/// A number of bytes as people read it.
pub(crate) fn size(bytes: usize) -> String {
    if bytes.is_multiple_of(1 << 20) {
        format!("{} MiB", bytes >> 20)
    } else {
        format!("{bytes} bytes")
    }
}
