//! The words of the command line: a table, and `COLUMN=VALUE`.

use std::fmt;

use dps_allocation::nearest;
use dps_allocation::tables::{TableName, column_name};

/// Columns by their documented names, and their new values.
#[derive(Debug)]
pub(crate) struct Cells(Vec<(&'static str, String)>);

pub(super) const PARTITION_KEY: &str = "PartitionKey";
pub(super) const ROW_KEY: &str = "RowKey";

/// The table of that name.
pub(crate) fn table(name: &str) -> Result<TableName, String> {
    let mut names = TableName::all();
    let found = names.find(|table| table.as_str().eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let names: Vec<&str> = TableName::all().map(TableName::as_str).collect();
        format!(
            "there is no such table{}; the tables are {}",
            did_you_mean(name, TableName::all().map(TableName::as_str)),
            names.join(", ")
        )
    })
}

impl Cells {
    /// Cells that a command has computed.
    pub(super) fn of(cells: Vec<(&'static str, String)>) -> Self {
        Self(cells)
    }

    pub(super) fn all(&self) -> &[(&'static str, String)] {
        &self.0
    }

    /// Reads `COLUMN=VALUE` words.
    ///
    /// # Errors
    /// When a word has no `=`, or its column is not in the table, or is given twice.
    pub(crate) fn parse(name: TableName, words: &[String]) -> anyhow::Result<Self> {
        let mut cells: Vec<(&'static str, String)> = Vec::new();
        for word in words {
            let Some((column, text)) = word.split_once('=') else {
                anyhow::bail!("`{word}` has no `=`; write COLUMN=VALUE");
            };
            let table = name.as_str();
            let columns = || name.columns().iter().map(|(column, _)| column.as_str());
            let Some(known) = column_name(name, column) else {
                let meant = did_you_mean(column, columns());
                let names: Vec<&str> = columns().collect();
                anyhow::bail!(
                    "the {table} table has no column `{column}`{meant}; its columns are {}, note \
                     and owner",
                    names.join(", ")
                );
            };
            anyhow::ensure!(
                ![PARTITION_KEY, ROW_KEY].contains(&known),
                "`{column}` is a key: it names the row and does not change; add a row with --new"
            );
            let twice = cells.iter().any(|(column, _)| *column == known);
            anyhow::ensure!(!twice, "`{column}` is given twice; write it once");
            cells.push((known, text.trim().to_owned()));
        }
        Ok(Self(cells))
    }
}

impl fmt::Display for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self
            .0
            .iter()
            .map(|(column, text)| format!("{column}={text}"));
        f.write_str(&words.collect::<Vec<_>>().join(" "))
    }
}

/// `; did you mean ..?` if one of the names is like the word.
pub(super) fn did_you_mean<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> String {
    let nearest = nearest(word, names);
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}
