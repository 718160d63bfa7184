//! Versions of records, as DPS writes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::refusal::Refusal;

/// What changes with each change of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Etag(String);

impl Etag {
    pub(crate) fn new() -> Self {
        Self(format!("\"{}\"", Uuid::new_v4()))
    }

    /// As enrollments have it: with quotes.
    pub(crate) fn quoted(&self) -> &str {
        &self.0
    }

    /// As registrations have it: base64 of the quoted one.
    pub(crate) fn encoded(&self) -> String {
        STANDARD.encode(&self.0)
    }

    /// Checks what a client sent in `If-Match`: with quotes or without, `*` for whatever is there.
    pub(crate) fn check(&self, if_match: Option<&str>) -> Result<(), Refusal> {
        match if_match {
            None | Some("*") => Ok(()),
            Some(text) if text == self.0 || text == self.0.trim_matches('"') => Ok(()),
            Some(text) if text == self.encoded() => Ok(()),
            Some(_) => Err(Refusal::etag_mismatch()),
        }
    }
}
