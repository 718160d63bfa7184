//! The reader of CSV files, which is private to its crate: the same source, compiled once more.

use std::num::NonZeroU32;

use dps_allocation::Finding;
use dps_allocation::tables::{TableName, Tables};

#[path = "../../../shared/dps-policy-store/src"]
#[expect(unreachable_pub, reason = "the store exports it")]
mod store {
    #[expect(dead_code, reason = "the reader of Azure Tables uses the rest")]
    pub(crate) mod budget;
    pub(crate) mod csv {
        pub(crate) mod file;
    }
}

use store::budget::{Budget, Limits};
use store::csv::file::{self as source, FileError, Notes};

/// Reads a file into its table; gives what is wrong with it.
pub(crate) fn parse(name: TableName, bytes: &[u8], tables: &mut Tables) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (table, budget) = (tables.table_mut(name), Budget::new(Limits::default()));
    match source::read(name, bytes, table, Notes::Keep, &budget, &mut findings) {
        Err(FileError::OverBudget(over)) => findings.push(over.finding()),
        read => assert!(read.is_ok(), "text can be read"),
    }
    findings
}

/// Writes a table as `pull` does.
pub(crate) fn print(name: TableName, tables: &Tables) -> Vec<u8> {
    crate::case::must(source::write(name, tables.table(name)).ok())
}

/// Sets a cell of a row, or of a new one, as `set` does; `None` if the text is not a table.
pub(crate) fn edit(
    name: TableName,
    text: &str,
    line: Option<NonZeroU32>,
    cells: &[(&str, &str)],
) -> Option<String> {
    source::edit(name, text, source::RowEdit { line, cells })
}
