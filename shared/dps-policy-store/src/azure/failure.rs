//! Why a request failed, read from the answer itself.
//!
//! The 0.21 crates look for the code of a failure where real Azure does not put it, and treat
//! a batch that failed as one that succeeded; so answers are judged here, before they see them.

use std::error::Error;
use std::iter;
use std::time::Duration;

use bytes::Bytes;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use super::network::Network;
use crate::budget::OverBudget;

/// Why a request failed.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The service refused.
    #[error("{} {}", .0.status, .0.code)]
    Refused(Refusal),
    /// The request did not leave this machine.
    #[error("{0}")]
    Unsent(Network, String),
    /// The request was sent, and no complete answer came.
    #[error("{0}")]
    Lost(Network, String),
    /// There is no token to sign with.
    #[error("{0}")]
    NoToken(String),
    /// The answer cannot be understood.
    #[error("{0}")]
    Unreadable(String),
    /// There is more to read than memory may hold.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The status; in a batch that of the operation.
    pub(super) status: u16,
    /// Such as `TableNotFound`; empty where the answer has none.
    pub(super) code: String,
    /// Its first line; what follows names the request only.
    pub(super) message: String,
    /// Which operation of a batch it was.
    pub(super) operation: Option<usize>,
    /// How long to wait before the next attempt.
    pub(super) retry_after: Option<Duration>,
    /// How far this machine's clock is ahead of the service's.
    pub(super) clock_ahead: Option<SignedDuration>,
}

impl Failure {
    /// Whether the same request may succeed a moment later, and cannot have had an effect.
    ///
    /// <https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes>: 503 is
    /// given before anything is done, 500 may come from an operation that took too long.
    pub(super) fn worth_a_retry(&self, reads: bool) -> bool {
        match self {
            Self::Unsent(..) => true,
            Self::Lost(..) => reads,
            Self::Refused(refusal) => match refusal.status {
                429 | 503 => true,
                408 | 500 | 502 | 504 => reads,
                _ => false,
            },
            Self::NoToken(_) | Self::Unreadable(_) | Self::OverBudget(_) => false,
        }
    }

    /// Whether a write that failed like this may have taken effect.
    pub(super) fn leaves_open(&self) -> bool {
        match self {
            Self::Lost(..) | Self::Unreadable(_) | Self::OverBudget(_) => true,
            Self::Refused(refusal) => matches!(refusal.status, 408 | 500 | 502 | 504),
            Self::Unsent(..) | Self::NoToken(_) => false,
        }
    }

    /// The failure inside an error of the 0.21 crates.
    pub(super) fn of(error: &azure_core_legacy::Error) -> Self {
        let mut causes = iter::successors(Some(error as &(dyn Error + 'static)), |&it| it.source());
        let failure = causes.find_map(|cause| cause.downcast_ref::<Self>());
        failure.map_or_else(|| Self::Unreadable(error.to_string()), Self::clone)
    }

    pub(super) fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.code == wanted)
    }
}

/// Whether the answer is a failure; a batch is one where an operation of it is.
pub(super) fn judge(status: u16, headers: &HeaderMap, body: &Bytes) -> Result<(), Failure> {
    let text = String::from_utf8_lossy(body);
    let (status, text, batch) = if (200..300).contains(&status) {
        match failed_operation(&text) {
            Some((status, text)) => (status, text, true),
            None => return Ok(()),
        }
    } else {
        (status, &*text, false)
    };
    let (code, message) = code_and_message(text);
    let (operation, message) = match message.split_once(':') {
        Some((number, rest)) if batch && number.parse::<usize>().is_ok() => {
            (number.parse().ok(), rest)
        }
        _ => (None, &*message),
    };
    let message = message.lines().next().unwrap_or_default().trim();
    Err(Failure::Refused(Refusal {
        status,
        code,
        message: message.to_owned(),
        operation,
        retry_after: retry_after(headers),
        clock_ahead: clock_ahead(headers),
    }))
}

/// The first operation of a batch's answer that failed: its status and what follows.
///
/// Rows cannot imitate one, since line breaks inside them are escaped.
fn failed_operation(text: &str) -> Option<(u16, &str)> {
    if !text.starts_with("--batchresponse") {
        return None;
    }
    let mut operations = text.split("\nHTTP/1.1 ").skip(1);
    operations.find_map(|operation| {
        let status = operation.get(..3)?.parse().ok()?;
        (!(200..300).contains(&status)).then_some((status, operation))
    })
}

/// From JSON (`{"odata.error":{"code":..,"message":{"value":..}}}`), else from XML, which front ends
/// and some authorization failures answer.
fn code_and_message(text: &str) -> (String, String) {
    let json = text.find('{').and_then(|start| text.get(start..));
    let json = json.and_then(|json| {
        let mut values = serde_json::Deserializer::from_str(json).into_iter::<Value>();
        values.next()?.ok()
    });
    let at = |place: &str| Some(json.as_ref()?.pointer(place)?.as_str()?.to_owned());
    let (code, message) = (at("/odata.error/code"), at("/odata.error/message/value"));
    if let (Some(code), Some(message)) = (code, message) {
        return (code, message);
    }
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("{name}>"))?;
        Some(rest.split_once('<')?.0.to_owned())
    };
    let either = |a: &str, b: &str| element(a).or_else(|| element(b)).unwrap_or_default();
    (either("Code", "code"), either("Message", "message"))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse();
    Some(Duration::from_secs(seconds.ok()?))
}

fn clock_ahead(headers: &HeaderMap) -> Option<SignedDuration> {
    let theirs = rfc2822::parse(headers.get(DATE)?.to_str().ok()?).ok()?;
    Some(Timestamp::now().duration_since(theirs.timestamp()))
}

#[cfg(test)]
mod tests;
