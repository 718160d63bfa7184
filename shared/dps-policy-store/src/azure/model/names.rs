//! What the tables are called in a storage account.

use std::fmt;
use std::str::FromStr;

use dps_allocation::tables::TableName;

/// What the names of all tables begin with: letters and digits, first a letter, at most 40.
///
/// Azure keeps the case of a table's name and does not tell tables apart by it.
#[derive(Clone, Debug)]
pub struct TablePrefix(String);

impl PartialEq for TablePrefix {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for TablePrefix {}

/// The text is not a table prefix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no table prefix: it has 1 to {MAX_PREFIX} letters and digits, first a letter")]
pub struct WrongPrefix(String);

/// Table names have at most 63 characters (<https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model>);
/// the longest of ours behind the prefix has 11, which leaves room for later ones.
const MAX_PREFIX: usize = 40;

/// One of the tables of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreTable {
    /// A config table.
    Config(TableName),
    /// What was pushed when, and pushes that are under way.
    Revisions,
}

impl StoreTable {
    /// Every table, the config tables in the order of the documentation first.
    pub fn all() -> impl Iterator<Item = Self> {
        let config = TableName::all().map(Self::Config);
        config.chain([Self::Revisions])
    }

    /// The config tables that make up a policy: all but `devices`, which is read by key.
    pub(crate) fn policy() -> impl Iterator<Item = TableName> {
        TableName::all().filter(|table| table.is_in_revision())
    }

    /// The prefix and the capitalised name: `DpsHubs`.
    #[must_use]
    pub fn name(self, prefix: &TablePrefix) -> String {
        let plain = match self {
            Self::Config(table) => table.as_str(),
            Self::Revisions => "revisions",
        };
        let mut letters = plain.chars();
        let first = letters.next().unwrap_or_default().to_ascii_uppercase();
        format!("{prefix}{first}{}", letters.as_str())
    }
}

impl FromStr for TablePrefix {
    type Err = WrongPrefix;

    fn from_str(text: &str) -> Result<Self, WrongPrefix> {
        let good = text.len() <= MAX_PREFIX
            && text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(WrongPrefix(text.to_owned()))
        }
    }
}

impl Default for TablePrefix {
    fn default() -> Self {
        Self("Dps".to_owned())
    }
}

impl fmt::Display for TablePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_named_by_prefix_and_name() {
        let names: Vec<String> = StoreTable::all()
            .map(|table| table.name(&TablePrefix::default()))
            .collect();
        assert_eq!(
            names.join(" "),
            "DpsHubs DpsEnrollments DpsTenants DpsRules DpsRollouts DpsLatency DpsTwins \
             DpsDevices DpsRevisions"
        );
    }

    #[track_caller]
    fn check(prefix: &str, good: bool) {
        assert_eq!(prefix.parse::<TablePrefix>().is_ok(), good, "{prefix}");
    }

    #[test]
    fn a_prefix_is_what_a_table_name_may_begin_with() {
        check("Dps", true);
        check("a1", true);
        check(&"x".repeat(40), true);
        check(&"x".repeat(41), false);
        check("", false);
        check("1a", false);
        check("a-b", false);
        check("ä", false);
    }
}
