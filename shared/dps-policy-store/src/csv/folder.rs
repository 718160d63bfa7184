//! A folder with one CSV file a config table.

use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use dps_allocation::Finding;
use dps_allocation::tables::{Table, TableName, Tables, diff_table};
use sha2::{Digest, Sha256};

use super::file::{self, FileError, Notes, RowEdit};
use crate::budget::{Budget, Limits};
use crate::files::{make_folder, open_below, write_file};
use crate::fingerprint::{Fingerprint, FingerprintBuilder};
use crate::stored::StoredTables;

/// A folder of config tables: `hubs.csv`, `tenants.csv` and so on.
///
/// A file that is not there is an empty table. Files with other endings and hidden files are left
/// alone; a file that ends in `.csv` and names no table is a finding, since it is often a typo.
#[derive(Clone, Debug)]
pub struct CsvFolder {
    path: PathBuf,
}

/// The machine could not read the tables; what operators write wrong is a [`Finding`] instead.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The folder is missing, or may not be listed.
    #[error("`{}` cannot be listed: {source}; it should be the folder of the config tables", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder without any table is a wrong path or a missing mount, not a policy of nothing.
    #[error("`{}` holds no config table; put at least `hubs.csv` there", path.display())]
    NoTables {
        /// The folder.
        path: PathBuf,
    },
    /// A file is there and cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl ReadError {
    /// Whether the folder is missing, or holds no table.
    #[must_use]
    pub fn is_nothing_there(&self) -> bool {
        match self {
            Self::Folder { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::NoTables { .. } => true,
            Self::File { .. } => false,
        }
    }
}

/// A row of a file is not changed; the file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The folder is not what was read.
    #[error("somebody has edited `{}` meanwhile; nothing was changed: try again", path.display())]
    Edited {
        /// The folder.
        path: PathBuf,
    },
    /// The row cannot be found in the text, or what is written would not be read as it should.
    #[error("`{}` has a layout that cannot be kept; edit it by hand", path.display())]
    Layout {
        /// The file.
        path: PathBuf,
    },
    /// The folder cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The file cannot be written.
    #[error("`{}` cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Largest file that is read, in bytes; its comments count too.
///
/// A file that is there by mistake must not use the memory that requests need: a file is in memory as a
/// whole, one at a time.
const MAX_FILE: u64 = 16 << 20;

/// A file of the folder whose name ends in `.csv`.
struct FoundFile {
    name: String,
    table: Option<TableName>,
    path: PathBuf,
}

impl CsvFolder {
    /// The folder at this path; nothing is read yet.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The fingerprint of the files as they are now, read piece by piece.
    ///
    /// # Errors
    /// [`ReadError`] when the folder or a table's file cannot be read.
    pub fn fingerprint(&self) -> Result<Fingerprint, ReadError> {
        let mut fingerprint = FingerprintBuilder::default();
        for file in self.list()? {
            let content = match file.table {
                Some(_) => Some(
                    self.digest(&file.path)
                        .map_err(|source| file.unreadable(source))?,
                ),
                None => None,
            };
            fingerprint.add(&file.name, content);
        }
        Ok(fingerprint.finish())
    }

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
        for file in self.list()? {
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

    /// Writes tables in place of their files, each of which is there old or new, never a part.
    ///
    /// # Errors
    /// When the folder cannot be made, or a file not be written; some may have been.
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
    /// `before` is what was read, `after` the table that the file then says.
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
        let path = self.path.join(file_name(name));
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

    /// The file is there old or new, never a part.
    fn replace(&self, name: TableName, content: &[u8]) -> io::Result<()> {
        write_file(&self.path.join(file_name(name)), content)
    }

    /// Of what [`CsvFolder::content`] reads; of a file that is too large, of its beginning.
    fn digest(&self, path: &Path) -> io::Result<[u8; 32]> {
        let mut digest = Sha256::new();
        let mut file = open_below(&self.path, path)?.take(MAX_FILE + 1);
        let mut piece = vec![0; 64 * 1024];
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(digest.finalize().into()),
                read => digest.update(piece.get(..read).unwrap_or_default()),
            }
        }
    }

    /// The bytes of a file of the folder; none where it has more than it may have.
    fn content(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let file = open_below(&self.path, path)?;
        let size = file.metadata()?.len();
        if size > MAX_FILE {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        // It may grow meanwhile, and some files have no size.
        file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
        Ok((bytes.len() as u64 <= MAX_FILE).then_some(bytes))
    }

    /// The `.csv` files in the order of their names.
    fn list(&self) -> Result<Vec<FoundFile>, ReadError> {
        let unlistable = |source| ReadError::Folder {
            path: self.path.clone(),
            source,
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(unlistable)? {
            let path = entry.map_err(unlistable)?.path();
            files.extend(FoundFile::at(path));
        }
        if !files.iter().any(|file| file.table.is_some()) {
            return Err(ReadError::NoTables {
                path: self.path.clone(),
            });
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }
}

impl fmt::Display for CsvFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CSV folder `{}`", self.path.display())
    }
}

impl FoundFile {
    fn at(path: PathBuf) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().into_owned();
        let ends_in_csv = path
            .extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("csv"));
        if !ends_in_csv || name.starts_with('.') {
            return None;
        }
        let table = TableName::all().find(|table| name == file_name(*table));
        Some(Self { name, table, path })
    }

    fn unreadable(&self, source: io::Error) -> ReadError {
        ReadError::File {
            path: self.path.clone(),
            source,
        }
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

fn file_name(table: TableName) -> String {
    format!("{}.csv", table.as_str())
}

fn too_large(table: TableName) -> Finding {
    let name = file_name(table);
    let rule = format!("the file `{name}` has more than {} MiB", MAX_FILE >> 20);
    Finding::outside_tables(rule, "split or shorten it, notes and comments included")
}

/// How alike two names must be for one to count as a typo of the other (1: equal).
const ALIKE: f64 = 0.8;

/// The table whose name is most like that of a file.
fn nearest_table(name: &str) -> Option<TableName> {
    let stem = name.to_ascii_lowercase();
    let alike = |table: &TableName| strsim::jaro_winkler(&stem, &file_name(*table));
    let nearest = TableName::all().max_by(|a, b| alike(a).total_cmp(&alike(b)));
    nearest.filter(|table| alike(table) >= ALIKE)
}

fn no_table(name: &str, meant: Option<TableName>) -> Finding {
    let help = if let Some(table) = meant {
        format!(
            "rename it to `{}`, or move it out of the folder",
            file_name(table)
        )
    } else {
        let names: Vec<&str> = TableName::all().map(TableName::as_str).collect();
        let names = names.join(", ");
        format!("the tables are {names}; move other files out of the folder")
    };
    let rule = format!("the file `{name}` has not the name of a config table");
    Finding::outside_tables(rule, help)
}
