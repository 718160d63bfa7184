//! Errors as DPS answers them.

use std::fmt::Display;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::written;
use crate::store::NotStored;

/// Why a request is refused, as DPS says it: an HTTP status, a code of six digits and a text.
///
/// Codes that DPS is not known to use follow the pattern of the known ones: the status, and then three digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: u32,
    pub(crate) message: String,
    /// When to try again.
    pub(crate) retry_after: Option<Duration>,
}

impl Refusal {
    const fn new(status: u16, code: u32, message: String) -> Self {
        Self {
            status,
            code,
            message,
            retry_after: None,
        }
    }

    /// The request cannot be understood, or breaks a rule.
    pub(crate) fn invalid(message: impl Display) -> Self {
        Self::new(400, 400_004, format!("{message}"))
    }

    /// There is no credential.
    pub(crate) fn unauthorized() -> Self {
        Self::new(401, 401_000, "Unauthorized".to_owned())
    }

    /// The token is not good. Why is for the log: who guesses keys is not helped.
    pub(crate) fn unauthorized_access() -> Self {
        Self::new(401, 401_002, "Unauthorized access.".to_owned())
    }

    /// The certificate is not good.
    pub(crate) fn invalid_certificate() -> Self {
        Self::new(401, 401_002, "Invalid certificate.".to_owned())
    }

    /// The shared access policy lacks a right.
    pub(crate) fn lacks_right(right: &str) -> Self {
        let message = format!("The shared access policy lacks the right {right}.");
        Self::new(401, 401_000, message)
    }

    pub(crate) fn enrollment_not_found() -> Self {
        Self::new(404, 404_201, "Enrollment not found.".to_owned())
    }

    pub(crate) fn group_not_found() -> Self {
        Self::new(404, 404_202, "Enrollment group not found.".to_owned())
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(404, 404_000, format!("{what} not found."))
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(405, 405_000, "Method not allowed.".to_owned())
    }

    /// The same device is being registered.
    pub(crate) fn conflict() -> Self {
        Self::new(409, 409_203, "Precondition failed.".to_owned())
    }

    /// It is there already.
    pub(crate) fn already_exists(what: &str) -> Self {
        Self::new(409, 409_000, format!("{what} exists already."))
    }

    /// The record has changed since it was read.
    pub(crate) fn etag_mismatch() -> Self {
        Self::new(412, 412_000, "Precondition failed.".to_owned())
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        let message = format!("A message may have {limit} bytes.");
        Self::new(413, 413_000, message)
    }

    /// What IoT Hub answers is not known.
    pub(crate) fn twin_too_large(why: impl Display) -> Self {
        Self::new(413, 413_000, format!("{why}."))
    }

    /// Refuses one more than there may be. DPS's own code is not known.
    pub(crate) fn check_count(count: usize, limit: usize, what: &str) -> Result<(), Self> {
        let full = format!("There are {count} {what}, and there may be {limit}.");
        (count < limit)
            .then_some(())
            .ok_or(Self::new(403, 403_000, full))
    }

    /// Not the client's fault.
    pub(crate) fn internal(why: &dyn std::error::Error) -> Self {
        Self::new(500, 500_000, why.to_string())
    }

    pub(crate) fn throttled(retry_after: Duration) -> Self {
        let message = "Operations are being throttled for this tenant.";
        Self {
            retry_after: Some(retry_after),
            ..Self::new(429, 429_001, message.to_owned())
        }
    }

    /// The body that DPS would write.
    pub(crate) fn body(&self, now: Timestamp) -> Value {
        json!({
            "errorCode": self.code,
            "trackingId": Uuid::new_v4().to_string(),
            "message": self.message,
            "timestampUtc": written(now),
        })
    }
}

impl From<NotStored> for Refusal {
    fn from(not_stored: NotStored) -> Self {
        Self::internal(&not_stored)
    }
}
