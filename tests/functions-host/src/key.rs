//! Access keys: who may call a function.
//!
//! Section 3 of the reference (the 401 row); `AuthenticationLevelHandler.cs`, `SecretManager.cs`,
//! `AuthUtility.cs`. The host only reads keys; the handler gets them too.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use axum::http::HeaderMap;
use serde::Deserialize;

/// Header that carries a key; it is looked at before the query.
const HEADER: &str = "x-functions-key";

/// Query parameter that carries a key.
const PARAMETER: &str = "code";

/// Whether callers need keys.
#[derive(Debug, Clone)]
pub enum Auth {
    /// Every caller is an administrator, as under `func start`.
    Off,
    /// Callers need keys, as in Azure.
    On(Keys),
    /// Callers need the keys of a file, see [`Keys::read`]. It is read for each call, since keys
    /// are made and deleted while an app runs; nobody gets in while it cannot be read.
    File(PathBuf),
}

/// Keys of a function app, as the portal shows them.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Keys {
    /// The `_master` key: opens everything. Empty: there is none.
    pub master_key: String,
    /// Host keys by name: open every function of level function.
    pub function_keys: BTreeMap<String, String>,
    /// Keys of one function, by function and by name.
    pub functions: BTreeMap<String, BTreeMap<String, String>>,
}

/// A file gives no keys; the messages quote nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// It is not there, or may not be read.
    #[error("`{path}` cannot be read: {cause}", path = .0.display(), cause = .1)]
    Read(PathBuf, io::Error),
    /// It says something else.
    #[error("`{path}` is not a file of keys: look at line {line} column {column}", path = .0.display(), line = .1.line(), column = .1.column())]
    Parse(PathBuf, serde_json::Error),
}

/// What a function asks for, and what a key gives.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Level {
    Anonymous,
    Function,
    Admin,
}

impl Auth {
    /// What the caller may do at this function.
    pub(crate) fn granted(&self, headers: &HeaderMap, query: &str, function: &str) -> Level {
        match self {
            Self::Off => Level::Admin,
            Self::On(keys) => keys.granted(headers, query, function),
            Self::File(path) => Keys::read(path).map_or(Level::Anonymous, |keys| {
                keys.granted(headers, query, function)
            }),
        }
    }
}

impl Level {
    pub(crate) const RULE: &str = "anonymous, function or admin";

    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.to_lowercase().as_str() {
            "anonymous" => Some(Self::Anonymous),
            "function" => Some(Self::Function),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }

    /// Levels are no ladder: only the master key opens what asks for another level.
    pub(crate) fn permits(self, required: Self) -> bool {
        required == Self::Anonymous || self == Self::Admin || self == required
    }
}

impl Keys {
    /// Reads JSON: `{"masterKey": "..", "functionKeys": {"default": ".."},
    /// "functions": {"allocate": {"default": ".."}}}`; what is left out has no keys.
    ///
    /// # Errors
    /// [`KeysError`] when the file cannot be read, or says something else.
    pub fn read(path: &Path) -> Result<Self, KeysError> {
        let text = fs::read(path).map_err(|error| KeysError::Read(path.to_owned(), error))?;
        // serde's own messages quote what they do not understand, which may be a key.
        serde_json::from_slice(&text).map_err(|error| KeysError::Parse(path.to_owned(), error))
    }

    fn granted(&self, headers: &HeaderMap, query: &str, function: &str) -> Level {
        presented(headers, query).map_or(Level::Anonymous, |key| self.level(&key, function))
    }

    fn level(&self, key: &str, function: &str) -> Level {
        let own = self
            .functions
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(function));
        let mut opening = own
            .flat_map(|(_, keys)| keys.values())
            .chain(self.function_keys.values());
        if !self.master_key.is_empty() && key == self.master_key {
            Level::Admin
        } else if opening.any(|known| known == key) {
            Level::Function
        } else {
            Level::Anonymous
        }
    }
}

/// Names of the keys only: a key must not end in a log.
impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let functions = self
            .functions
            .iter()
            .map(|(name, keys)| (name, keys.keys()));
        (formatter.debug_struct("Keys"))
            .field("function_keys", &self.function_keys.keys())
            .field("functions", &functions.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// A header that is there but empty still hides the query.
fn presented(headers: &HeaderMap, query: &str) -> Option<String> {
    let key = match headers.get(HEADER) {
        Some(value) => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        None => form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name.eq_ignore_ascii_case(PARAMETER))
            .map(|(_, value)| value.into_owned())?,
    };
    Some(key).filter(|key| !key.is_empty())
}
