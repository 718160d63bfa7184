//! A copy of the starter tables, and the edit.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, bail};
use tempfile::TempDir;

macro_rules! table {
    ($name:literal) => {
        (
            concat!($name, ".csv"),
            include_str!(concat!("../../../../infra/policy/", $name, ".csv")),
        )
    };
}

/// The starter tables.
const TABLES: [(&str, &str); 8] = [
    table!("devices"),
    table!("enrollments"),
    table!("hubs"),
    table!("latency"),
    table!("rollouts"),
    table!("rules"),
    table!("tenants"),
    table!("twins"),
];

/// A new value for one cell.
pub(super) struct Edit {
    pub(super) table: &'static str,
    /// Partition key and row key.
    pub(super) row: [&'static str; 2],
    pub(super) column: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// Why, for the report.
    pub(super) intent: &'static str,
}

/// The rollout of the starter tables begins at once, and takes half of the devices.
pub(super) const EDIT: Edit = Edit {
    table: "rollouts.csv",
    row: ["tenant-a", "2026-q4-spread"],
    column: "steps",
    from: "2026-12-01=1% 2026-12-08=10% 2026-12-15=25%",
    to: "2026-01-01=50%",
    intent: "The hub in West Europe is too full: half of its devices move to East US, now.",
};

/// A temporary folder with the tables, which is removed when this is dropped.
pub(super) struct Tables(TempDir);

impl Tables {
    pub(super) fn copy() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        for (name, text) in TABLES {
            fs::write(folder.path().join(name), text)?;
        }
        Ok(Self(folder))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Changes the cell in its file. Fails if the row or the value `from` is not there.
    pub(super) fn edit(&self, edit: &Edit) -> anyhow::Result<()> {
        let path = self.path().join(edit.table);
        let text = fs::read_to_string(&path)?;
        let start = format!("{},", edit.row.join(","));
        let row = text.lines().find(|line| line.starts_with(&start));
        let row = row.with_context(|| format!("{} has no row `{start}`", edit.table))?;
        if !row.contains(edit.from) {
            bail!("`{}` of {start} is not `{}`", edit.column, edit.from);
        }
        let edited = row.replacen(edit.from, edit.to, 1);
        fs::write(path, text.replacen(row, &edited, 1))?;
        Ok(())
    }
}
