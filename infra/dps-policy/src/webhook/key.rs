//! Keys that callers show, which are not shown.

use std::fmt;

use reqwest::header::HeaderValue;

/// A key, which is not shown.
#[derive(Clone)]
pub(crate) struct Key(HeaderValue);

/// The keys of the environment: a command line is in the list of processes.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) allocate: Option<Key>,
    pub(crate) operator: Option<Key>,
}

impl Keys {
    /// # Errors
    /// When a key has characters that no header can hold.
    pub(crate) fn of_environment() -> anyhow::Result<Self> {
        Ok(Self {
            allocate: key("ALLOCATE_KEY")?,
            operator: key("OPERATOR_KEY")?,
        })
    }
}

impl Key {
    /// The header's value, which no log of the client shows.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// A variable that is unset or empty holds no key.
fn key(variable: &str) -> anyhow::Result<Option<Key>> {
    let Some(text) = std::env::var_os(variable).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    // The text stays out of the message: it is a key, or most of one.
    let header = text.to_str().map(|text| HeaderValue::from_str(text.trim()));
    let Some(Ok(mut value)) = header else {
        anyhow::bail!("{variable} has characters that a key cannot have");
    };
    value.set_sensitive(true);
    Ok(Some(Key(value)))
}
