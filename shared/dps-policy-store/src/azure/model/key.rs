//! The two keys of a row, and how they are quoted where they meet a URL or a filter.

use std::fmt;

/// One key of a row, as Azure admits it: no `/`, `\`, `#`, `?` or control character.
///
/// Source: <https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#characters-disallowed-in-key-fields>.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPart(String);

/// Which row of a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The `PartitionKey`.
    pub partition: KeyPart,
    /// The `RowKey`.
    pub row: KeyPart,
}

/// Why a text is not a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WrongKey(String);

/// Longest key, in UTF-16 code units: 1 KiB (same source as [`KeyPart`]).
const MAX_KEY: usize = 512;

impl Key {
    /// Keys of our own: fixed words, hex digits, points in time and registration ids, which hold nothing
    /// that a key may not.
    pub(crate) fn ours(partition: &str, row: &str) -> Self {
        Self {
            partition: KeyPart::unchecked(partition),
            row: KeyPart::unchecked(row),
        }
    }
}

impl KeyPart {
    /// Checks a key; the empty key is one.
    ///
    /// # Errors
    /// [`WrongKey`] says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, WrongKey> {
        let refused = |c: &char| matches!(c, '/' | '\\' | '#' | '?') || c.is_control();
        if let Some(character) = text.chars().find(refused) {
            return Err(WrongKey(format!(
                "the key `{}` holds {character:?}: `/`, `\\`, `#`, `?` and control characters cannot \
                 be in a key",
                text.escape_debug()
            )));
        }
        match text.encode_utf16().count() {
            0..=MAX_KEY => Ok(Self(text.to_owned())),
            length => {
                let rule = format!("at most {MAX_KEY} are possible");
                Err(WrongKey(format!("a key has {length} characters: {rule}")))
            }
        }
    }

    /// A key that the store itself has named, or one of our own, as of [`Key::ours`].
    pub(crate) fn unchecked(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The key as it is written in the table.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What may stand between two `'`; the crate percent-encodes it, and quotes nothing.
    pub(crate) fn quoted(&self) -> String {
        self.0.replace('\'', "''")
    }

    /// The filter for the rows of this partition.
    pub(crate) fn partition_filter(&self) -> String {
        format!("PartitionKey eq '{}'", self.quoted())
    }
}

impl fmt::Display for KeyPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Key {
    /// `partition/row`, as findings name rows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.partition, self.row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, message: &str) {
        let parsed = KeyPart::parse(text).map_err(|wrong| wrong.to_string());
        let said = parsed.as_ref().map_or_else(String::as_str, |_| "");
        assert!(
            said.starts_with(message) && said.is_empty() == message.is_empty(),
            "{said}"
        );
    }

    #[test]
    fn a_key_is_what_azure_admits() {
        check("", "");
        check("contoso-weu-1.azure-devices.net", "");
        check("o'brien 100% ü 🚀 =&+@,;:|~*", "");
        check(&"x".repeat(512), "");
        check(&"x".repeat(513), "a key has 513 characters");
        check("a/b", "the key `a/b` holds '/'");
        check("a\\b", "the key `a\\\\b` holds '\\\\'");
        check("a#b", "the key `a#b` holds '#'");
        check("a?b", "the key `a?b` holds '?'");
        check("a\nb", "the key `a\\nb` holds '\\n'");
        check("a\u{85}b", "the key `a\\u{85}b` holds '\\u{85}'");
    }

    /// A literal as OData reads it: up to the first `'` that is not doubled; and what follows.
    fn unquoted(text: &str) -> (String, &str) {
        let (mut literal, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once('\'') {
            literal.push_str(before);
            let Some(after) = after.strip_prefix('\'') else {
                return (literal, after);
            };
            literal.push('\'');
            rest = after;
        }
        (literal, "no end")
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_key_is_its_literal_ends_where_it_should(text in "[' a-c=%,()]{0,20}|\\PC*") {
            if let Ok(key) = KeyPart::parse(&text) {
                let filter = key.partition_filter();
                let literal = filter.strip_prefix("PartitionKey eq '").unwrap();
                proptest::prop_assert_eq!(unquoted(literal), (text, ""));
            }
        }
    }
}
