//! The files of a folder, and the tables that their names mean.

use std::io;
use std::path::PathBuf;

use dps_allocation::Finding;
use dps_allocation::tables::TableName;

use super::error::ReadError;

/// A file of the folder whose name ends in `.csv`.
pub(super) struct FoundFile {
    pub(super) name: String,
    pub(super) table: Option<TableName>,
    pub(super) path: PathBuf,
}

impl FoundFile {
    pub(super) fn at(path: PathBuf) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().into_owned();
        let ends_in_csv = path
            .extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("csv"));
        if !ends_in_csv || name.starts_with('.') {
            return None;
        }
        let table = TableName::all().find(|table| name == table.file_name());
        Some(Self { name, table, path })
    }

    pub(super) fn unreadable(&self, source: io::Error) -> ReadError {
        ReadError::File {
            path: self.path.clone(),
            source,
        }
    }
}

/// How alike two names must be for one to count as a typo of the other (1: equal).
const ALIKE: f64 = 0.8;

/// The table whose name is closest to that of a file.
pub(super) fn nearest_table(name: &str) -> Option<TableName> {
    let stem = name.to_ascii_lowercase();
    let alike = |table: &TableName| strsim::jaro_winkler(&stem, &table.file_name());
    let nearest = TableName::all().max_by(|a, b| alike(a).total_cmp(&alike(b)));
    nearest.filter(|table| alike(table) >= ALIKE)
}

pub(super) fn no_table(name: &str, meant: Option<TableName>) -> Finding {
    let help = if let Some(table) = meant {
        format!(
            "rename it to `{}`, or move it out of the folder",
            table.file_name()
        )
    } else {
        let names: Vec<&str> = TableName::all().map(TableName::as_str).collect();
        let names = names.join(", ");
        format!("the tables are {names}; move other files out of the folder")
    };
    let rule = format!("the file `{name}` has not the name of a config table");
    Finding::outside_tables(rule, help)
}
