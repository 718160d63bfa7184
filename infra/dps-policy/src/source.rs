//! Where config tables are: a folder of CSV files, the Azure Tables, a revision of them.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use dps_allocation::{DeviceFact, DeviceRows, NotARevision, Policy, Registration, Revision};
use dps_policy_store::{CsvFolder, StoredTables};

/// A place that config tables are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A folder of CSV files.
    Folder(PathBuf),
    /// The Azure Tables of the settings, as they are now.
    Tables,
    /// What the Azure Tables held at a revision.
    Revision(Revision),
}

/// Why a word of the command line names no source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SourceError {
    /// Most likely an unset variable of a script.
    #[error("it is empty; name a folder, `tables` or `tables@REVISION`")]
    Empty,
    /// What follows `tables@`.
    #[error("{0}; a folder of that name is written with `./` before it")]
    Revision(#[from] NotARevision),
}

/// The word for the Azure Tables.
const TABLES: &str = "tables";

/// Either of them says where the Azure Tables are.
const CONNECTIONS: [&str; 2] = ["PolicyTables", "PolicyTables__tableServiceUri"];
const POLICY_DIR: &str = "POLICY_DIR";
/// The starter tables, where a checkout has them.
const DEFAULT_POLICY_DIR: &str = "infra/policy";

impl Source {
    /// Reads sources for clap.
    pub(crate) fn parser() -> impl TypedValueParser<Value = Self> {
        OsStringValueParser::new().try_map(|word| Self::parse(&word))
    }

    fn parse(word: &OsStr) -> Result<Self, SourceError> {
        if word.is_empty() {
            return Err(SourceError::Empty);
        }
        let after_tables = word.to_str().and_then(|text| text.strip_prefix(TABLES));
        match after_tables.map(|rest| (rest, rest.strip_prefix('@'))) {
            Some(("", _)) => Ok(Self::Tables),
            Some((_, Some(revision))) => Ok(Self::Revision(revision.parse()?)),
            Some((_, None)) | None => Ok(Self::Folder(word.into())),
        }
    }

    /// The source that the settings name, as the webhook reads them.
    pub(crate) fn of_settings() -> Self {
        Self::of_variables(|name| std::env::var_os(name))
    }

    fn of_variables(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        if CONNECTIONS.into_iter().any(|name| set(name).is_some()) {
            return Self::Tables;
        }
        let folder = set(POLICY_DIR).unwrap_or_else(|| DEFAULT_POLICY_DIR.into());
        Self::Folder(folder.into())
    }
}

/// Reads all tables of a source.
///
/// # Errors
/// When the machine cannot; what operators wrote wrong is in the findings.
#[expect(
    clippy::unused_async,
    reason = "Azure Tables are read over the network"
)]
pub(crate) async fn read(source: &Source) -> anyhow::Result<StoredTables> {
    match source {
        Source::Folder(path) => Ok(CsvFolder::new(path).read()?),
        Source::Tables | Source::Revision(_) => {
            anyhow::bail!("`{source}`: reading Azure Tables is not built in yet; name a folder")
        }
    }
}

/// The device's row, where its enrollment asks for it.
pub(crate) fn device<'a>(policy: &'a Policy, registration: &Registration<'_>) -> DeviceFact<'a> {
    match policy.device_rows(registration) {
        DeviceRows::Off => DeviceFact::NotRead,
        DeviceRows::Optional | DeviceRows::Required => policy
            .device(&registration.id)
            .map_or(DeviceFact::Missing, DeviceFact::Row),
    }
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
        for word in ["tables@", "tables@latest", "tables@0123456789abc"] {
            let rule = error(word);
            assert!(
                rule.contains("is not a revision; write its 12 hex digits"),
                "{rule}"
            );
        }
    }

    #[test]
    fn the_settings_name_the_default() {
        let source = |set: &[(&str, &str)]| {
            let value = |name: &str| set.iter().find(|it| it.0 == name).map(|it| it.1.into());
            Source::of_variables(value).to_string()
        };
        assert_eq!(source(&[]), "infra/policy");
        assert_eq!(source(&[("POLICY_DIR", "/p"), ("PolicyTables", "")]), "/p");
        assert_eq!(source(&[("POLICY_DIR", "")]), "infra/policy");
        assert_eq!(
            source(&[("POLICY_DIR", "/p"), ("PolicyTables", "x")]),
            "tables"
        );
        assert_eq!(source(&[("PolicyTables__tableServiceUri", "x")]), "tables");
        assert_eq!(source(&[("PolicyTables__clientId", "x")]), "infra/policy");
    }
}
