//! Where config tables are: a folder of CSV files, the Azure Tables, or a revision of those.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser, ValueParser, ValueParserFactory};
use dps_allocation::tables::{Table, TableName, Tables};
use dps_allocation::{Finding, IdKey, NotARevision, RevisionPrefix};
use dps_policy_store::azure::{AzureTables, ReadError};
use dps_policy_store::{CsvFolder, PolicyStore, Revisions, StoreSettings, StoredTables};
use dps_settings::{Environment, Faulty};

use crate::webhook::is_address;

/// A place that config tables are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A folder of CSV files.
    Folder(PathBuf),
    /// The Azure Tables of the settings, as they are now.
    Tables,
    /// What the Azure Tables held at a revision.
    Revision(RevisionPrefix),
}

/// Why a word of the command line is not a source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SourceError {
    /// Most likely a script did not set a variable.
    #[error("it is empty; name a folder, `tables` or `tables@REVISION`")]
    Empty,
    /// That of a webhook, most likely.
    #[error("it is an address; name a folder, `tables` or `tables@REVISION`")]
    Address,
    /// What follows `tables@`.
    #[error("{0}; a folder of that name is written with `./` before it")]
    Revision(#[from] NotARevision),
}

/// The word for the Azure Tables.
const TABLES: &str = "tables";

impl ValueParserFactory for Source {
    type Parser = ValueParser;

    fn value_parser() -> ValueParser {
        ValueParser::new(OsStringValueParser::new().try_map(|word| Self::parse(&word)))
    }
}

impl Source {
    /// # Errors
    /// When the word names no source.
    pub(crate) fn parse(word: &OsStr) -> Result<Self, SourceError> {
        if word.is_empty() {
            return Err(SourceError::Empty);
        }
        if word.to_str().is_some_and(is_address) {
            return Err(SourceError::Address);
        }
        let after_tables = word.to_str().and_then(|text| text.strip_prefix(TABLES));
        match after_tables.map(|rest| (rest, rest.strip_prefix('@'))) {
            Some(("", _)) => Ok(Self::Tables),
            Some((_, Some(revision))) => Ok(Self::Revision(revision.parse()?)),
            Some((_, None)) | None => Ok(Self::Folder(word.into())),
        }
    }

    /// The same, with a revision shortened to the digits that people read.
    pub(crate) fn short(&self) -> Self {
        match self {
            Self::Revision(revision) => Self::Revision(revision.short()),
            other => other.clone(),
        }
    }

    /// The source that the settings name, as the webhook reads them.
    ///
    /// # Errors
    /// When the settings are wrong.
    pub(crate) fn of_settings() -> anyhow::Result<Self> {
        Ok(match settings()? {
            StoreSettings::Folder(path) => Self::Folder(path),
            StoreSettings::Tables { .. } => Self::Tables,
        })
    }
}

/// The tables of a source, and the mistakes of operators in it.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) tables: Tables,
    pub(crate) findings: Vec<Finding>,
}

/// Reads the tables of a source that make up a policy, and of a folder also `devices`.
///
/// # Errors
/// When the source cannot be read; mistakes of operators are in the findings.
pub(crate) async fn read(source: &Source) -> anyhow::Result<Read> {
    let stored = match source {
        Source::Folder(path) => CsvFolder::new(path).read()?,
        Source::Tables => PolicyStore::Azure(azure()?).read().await?,
        Source::Revision(revision) => {
            return Ok(Read {
                tables: Revisions::of(&azure()?).find(revision).await?.tables,
                findings: Vec::new(),
            });
        }
    };
    Ok(stored.into())
}

impl From<StoredTables> for Read {
    fn from(stored: StoredTables) -> Self {
        Self {
            tables: stored.tables,
            findings: stored.findings,
        }
    }
}

/// Gives each source the device rows that its devices would be decided with.
///
/// If all sources are folders, these are their own. Otherwise they are the present rows of the
/// Azure Tables, since a revision has none and a push leaves them alone; a folder keeps its own if
/// a push of it `includes_devices`.
///
/// # Errors
/// When the rows cannot be read.
pub(crate) async fn share_devices(
    sides: &mut [(Source, Read)],
    includes_devices: bool,
) -> anyhow::Result<()> {
    let is_folder = |source: &Source| matches!(source, Source::Folder(_));
    if sides.iter().all(|(source, _)| is_folder(source)) {
        return Ok(());
    }
    let keeps_its_own = |source: &Source| is_folder(source) && includes_devices;
    let sides = sides.iter_mut();
    let mut sides = sides.filter(|(source, _)| !keeps_its_own(source));
    let Some((_, first)) = sides.next() else {
        return Ok(());
    };
    let findings = stored_devices(&azure()?, &mut first.tables).await?;
    for (_, other) in sides {
        let rows = first.tables.table(TableName::Devices).clone();
        *other.tables.table_mut(TableName::Devices) = rows;
        other.findings.extend(findings.iter().cloned());
    }
    first.findings.extend(findings);
    Ok(())
}

/// Replaces the rows of `devices`, of which there may be a million, by those that are stored; a
/// store without a table for them has none. Returns what is wrong with their keys.
///
/// # Errors
/// When the rows cannot be read.
pub(crate) async fn stored_devices(
    store: &AzureTables,
    tables: &mut Tables,
) -> Result<Vec<Finding>, ReadError> {
    *tables.table_mut(TableName::Devices) = Table::default();
    match store.add_devices(tables).await {
        Err(error) if error.is_no_table() => Ok(Vec::new()),
        added => added,
    }
}

/// The Azure Tables of the settings.
///
/// # Errors
/// When the settings name none, or are wrong.
pub(crate) fn azure() -> anyhow::Result<AzureTables> {
    match settings()?.open()? {
        PolicyStore::Azure(tables) => Ok(tables),
        PolicyStore::Csv(_) => anyhow::bail!(
            "the settings name no Azure Tables; set PolicyTables (a connection string, or \
             UseDevelopmentStorage=true) or PolicyTables__tableServiceUri"
        ),
    }
}

/// Where the settings say that the config tables are.
///
/// # Errors
/// When the settings are wrong.
pub(crate) fn settings() -> anyhow::Result<StoreSettings> {
    setting(StoreSettings::read)
}

/// The setting of the webhook that hides ids in its log.
pub(crate) const LOG_ID_KEY: &str = "LOG_ID_KEY";

/// The key by which the webhook hides ids.
///
/// # Errors
/// When it is too short.
pub(crate) fn id_key() -> anyhow::Result<Option<IdKey>> {
    setting(|it| it.parse(LOG_ID_KEY, IdKey::parse))
}

/// Reads settings as the webhook does.
///
/// # Errors
/// When one is wrong.
pub(crate) fn setting<T>(
    read: impl FnOnce(&mut Environment) -> Result<T, Faulty>,
) -> anyhow::Result<T> {
    let setting = Environment::new(std::env::vars_os()).read(read);
    setting.map_err(|wrong| anyhow::anyhow!("wrong settings: {}", wrong.faults().join("; ")))
}

impl fmt::Display for Source {
    /// The word that names it on the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Tables => f.write_str(TABLES),
            Self::Revision(revision) => write!(f, "{TABLES}@{revision}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &Source) {
        let source = Source::parse(word.as_ref()).unwrap();
        assert_eq!(source, *expected);
        assert_eq!(source.to_string(), word.to_lowercase());
    }

    #[test]
    fn a_word_names_a_source() {
        let folder = |path: &str| Source::Folder(path.into());
        check("tables", &Source::Tables);
        let revision = Source::Revision("0123456789ab".parse().unwrap());
        check("tables@0123456789ab", &revision);
        check("tables@0123456789AB", &revision);
        for word in [
            "infra/policy",
            ".",
            "./tables",
            "tables/",
            "tables2",
            "my@tables",
            "ü",
        ] {
            check(word, &folder(word));
        }
    }

    #[test]
    fn a_word_that_names_none_says_what_to_write() {
        let error = |word: &str| Source::parse(word.as_ref()).unwrap_err().to_string();
        assert!(error("").starts_with("it is empty; name a folder"));
        assert!(error("https://a.example").starts_with("it is an address; name a folder"));
        for word in ["tables@", "tables@latest", "tables@012345"] {
            let rule = error(word);
            assert!(
                rule.contains("is not a revision; write 7 to 64 of its hex digits"),
                "{rule}"
            );
        }
    }
}
