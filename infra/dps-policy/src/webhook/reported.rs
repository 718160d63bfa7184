//! What a webhook reports of its candidate.

use std::collections::BTreeMap;

use anyhow::Context as _;
use jiff::Timestamp;
use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::client::{Client, Route, cause};
use super::key::Keys;

/// What is wrong if the member `shadow` has another form, and what to do.
pub(crate) const OTHER_VERSION: [&str; 2] = [
    "the webhook is of another version",
    "use the tool of its release",
];

/// The member `shadow` of `/api/policy`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reported {
    /// `None`: there is no candidate.
    pub(crate) revision: Option<String>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) source: String,
    /// Decisions since then by how they differ.
    pub(crate) decisions: BTreeMap<String, u64>,
    pub(crate) last_refused: Option<Value>,
    pub(crate) unreadable: Option<Unreadable>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Unreadable {
    pub(crate) since: Timestamp,
    pub(crate) error: String,
}

impl Reported {
    /// Whether the candidate has this prefix, or is in this folder.
    pub(crate) fn is_of(&self, name: &str) -> bool {
        self.source.ends_with(&format!("`{name}`"))
    }

    /// Decisions that differ; those that the candidate could not take do not count.
    pub(crate) fn different(&self) -> u64 {
        let counts = self.decisions.iter();
        counts
            .filter(|(word, _)| !["same", "undecidable"].contains(&&***word))
            .map(|(_, count)| count)
            .sum()
    }
}

/// Asks a webhook; `None` if its setting names no candidate.
///
/// # Errors
/// When it does not answer, or does not tell this caller.
pub(crate) async fn candidate(url: &Url) -> anyhow::Result<Option<Reported>> {
    let keys = Keys::of_environment()?;
    let client = Client::new(url)?;
    let answer = client.call(Route::Policy, keys.operator.as_ref()).await;
    let answer = answer.map_err(|error| {
        anyhow::anyhow!(
            "`{url}` does not answer: {}; check the address, and that the app is running",
            cause(&error)
        )
    })?;
    if answer.status == StatusCode::UNAUTHORIZED {
        anyhow::bail!("`{url}` tells operators alone (401); set OPERATOR_KEY to a key of `policy`");
    }
    anyhow::ensure!(
        answer.body.contains_key("source"),
        "`{url}` answers {} to /api/policy, which is not the webhook's; deploy the app, and look at \
         its log",
        answer.status.as_u16()
    );
    match answer.body.get("shadow") {
        None => Ok(None),
        Some(shadow) => Reported::deserialize(shadow)
            .with_context(|| OTHER_VERSION.join("; "))
            .map(Some),
    }
}
