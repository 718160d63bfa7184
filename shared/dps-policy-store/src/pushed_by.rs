//! Who pushed: what a token says, and what the tool was called with.

use std::fmt;

use serde::Serialize;

use crate::azure::model::StoredRow;

/// Who pushed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PushedBy {
    /// Who signed in, as the token of Microsoft Entra names it; none for a key or a signature.
    pub identity: Option<String>,
    /// What `--author` said, which nothing proves.
    pub author: String,
}

const IDENTITY: &str = "identity";
const AUTHOR: &str = "author";

impl PushedBy {
    pub(crate) fn of(row: &StoredRow) -> Self {
        let identity = row.cell(IDENTITY);
        Self {
            identity: (!identity.is_empty()).then(|| identity.to_owned()),
            author: row.cell(AUTHOR).to_owned(),
        }
    }

    pub(crate) fn cells(&self) -> Vec<(String, String)> {
        let identity = self.identity.clone();
        let identity = identity.map(|identity| (IDENTITY.to_owned(), identity));
        let author = (AUTHOR.to_owned(), self.author.clone());
        identity.into_iter().chain([author]).collect()
    }
}

impl fmt::Display for PushedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.identity.as_deref().unwrap_or("no identity"))?;
        match &*self.author {
            "" => Ok(()),
            author => write!(f, ", says \"{}\"", author.replace('"', "\\\"")),
        }
    }
}
