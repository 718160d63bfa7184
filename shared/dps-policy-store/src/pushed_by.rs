//! Who pushed: what a token says, and what the caller says.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(identity: Option<&str>, author: &str, shown: &str, cells: &[(&str, &str)]) {
        let by = PushedBy {
            identity: identity.map(str::to_owned),
            author: author.to_owned(),
        };
        assert_eq!(by.to_string(), shown);
        let stored = by.cells();
        let stored: Vec<(&str, &str)> = stored.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert_eq!(stored, cells);
    }

    #[test]
    fn an_author_is_a_claim_beside_the_identity() {
        let cells = [("identity", "a@x.org"), ("author", "ann")];
        check(Some("a@x.org"), "ann", "a@x.org, says \"ann\"", &cells);
        check(
            None,
            "ann",
            "no identity, says \"ann\"",
            &[("author", "ann")],
        );
        check(None, "", "no identity", &[("author", "")]);
        let odd = "\", a@x.org";
        let cells = [("author", odd)];
        check(None, odd, "no identity, says \"\\\", a@x.org\"", &cells);
    }
}
