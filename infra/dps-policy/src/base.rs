//! The revision that a folder was pulled at, in a hidden file: what its edits are based on.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::Context as _;
use data_encoding::HEXLOWER;
use dps_allocation::RevisionPrefix;
use dps_allocation::tables::{Table, TableName, Tables, diff_table};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The revision, its tables, and fingerprints of what no revision covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// 12 digits in files of older versions.
    pub(crate) revision: RevisionPrefix,
    pub(crate) source: String,
    /// All that the tables of the revision said, with notes; none in files of older versions.
    pub(crate) rows: Option<Fingerprint>,
    /// What `devices` said; `None` if it was not pulled.
    pub(crate) devices: Option<Fingerprint>,
}

/// A hash of what rows say, whatever their spelling and order: two are equal if `diff` shows
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fingerprint(String);

impl Fingerprint {
    pub(crate) fn of_rows(tables: &Tables) -> Self {
        let names = TableName::all();
        Self::of(tables, names.filter(|name| name.is_in_revision()))
    }

    pub(crate) fn of_devices(tables: &Tables) -> Self {
        Self::of(tables, [TableName::Devices])
    }

    fn of(tables: &Tables, names: impl IntoIterator<Item = TableName>) -> Self {
        let mut hash = Sha256::new();
        for row in names
            .into_iter()
            .flat_map(|name| diff_table(name, &Table::default(), tables.table(name)))
        {
            hash.update(format!(
                "{:?} {:?} {:?}\n",
                row.table, row.partition, row.row
            ));
            for cell in row.cells {
                hash.update(format!("{:?} {:?}\n", cell.column, cell.after));
            }
        }
        Self(HEXLOWER.encode(&hash.finalize()))
    }
}

/// Readers of config tables leave hidden files alone.
const FILE: &str = ".revision";

const COMMENT: &str = "# The revision that `dps-policy pull` has written here. `dps-policy push` \
                       refuses to write over later\n# edits of others. It is of this copy alone: \
                       keep it out of version control.\n";

impl Base {
    /// `None` if the folder was not pulled, or the file says something else.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Option<Self>> {
        let path = path(folder);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                Err(error).with_context(|| format!("`{}` cannot be read", path.display()))
            }
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        Some(Self {
            revision: value("revision: ")?.parse().ok()?,
            source: value("of: ")?.to_owned(),
            rows: value("rows: ").map(|it| Fingerprint(it.to_owned())),
            devices: value("devices: ").map(|it| Fingerprint(it.to_owned())),
        })
    }

    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let path = path(folder);
        let Self {
            revision, source, ..
        } = self;
        let mut text = format!("{COMMENT}revision: {revision}\nof: {source}\n");
        for (name, print) in [("rows", &self.rows), ("devices", &self.devices)] {
            if let Some(Fingerprint(print)) = print {
                text.extend([name, ": ", print, "\n"]);
            }
        }
        let written = dps_policy_store::write_file(&path, text.as_bytes());
        written.with_context(|| format!("`{}` cannot be written", path.display()))
    }

    /// Records that the folder holds no revision.
    ///
    /// # Errors
    /// When the file is there and cannot be removed.
    pub(crate) fn remove(folder: &Path) -> anyhow::Result<()> {
        let path = path(folder);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("`{}` cannot be removed", path.display()))
            }
            _ => Ok(()),
        }
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}
