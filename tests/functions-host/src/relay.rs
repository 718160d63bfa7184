//! What both ways to the handler share. Section 3 of the reference.
//!
//! Neither strips the key (`code`, `x-functions-key`), cookies or `Authorization`.

use std::time::Duration;

use axum::http::header::{CONTENT_LENGTH, COOKIE};
use axum::http::uri::InvalidUri;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use hyper_util::client::legacy::Error;

use crate::body::Idle;
use crate::envelope::EnvelopeError;
use crate::log::Log;
use crate::trace::TraceContext;
use crate::upstream::Upstream;

/// Version this host says it has, in four parts: the one that Core Tools 4.14.0 brings.
pub(crate) const HOST_VERSION: &str = "4.1052.200.0";

pub(crate) const HOST_VERSION_HEADER: HeaderName =
    HeaderName::from_static("x-azure-functions-hostversion");
pub(crate) const INVOCATION_ID_HEADER: HeaderName =
    HeaderName::from_static("x-azure-functions-invocationid");

/// The way to the handler and its limits.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) upstream: Upstream,
    pub(crate) trace_context: TraceContext,
    /// In bytes.
    pub(crate) body_limit: usize,
    /// Proxying only: how long nothing may move.
    pub(crate) activity: Duration,
    pub(crate) log: Log,
}

/// Why the host answers 500 in the handler's place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RelayError {
    #[error("function host is not running")]
    NotRunning,
    #[error("failed to reach the handler: {0}")]
    Request(#[from] Error),
    #[error("failed to reach the handler again: the request's body was already consumed")]
    Consumed,
    #[error("the handler was given up: {0}")]
    Idle(#[from] Idle),
    #[error("a chunked request has no length, so it cannot be rebuilt")]
    Chunked,
    #[error("request headers must contain only ASCII characters")]
    Header,
    #[error("the format of the request's content type is not valid")]
    ContentType,
    #[error("the rebuilt path and query are not valid: {0}")]
    Target(#[from] InvalidUri),
    #[error("failed to read the answer: {0}")]
    Answer(#[from] axum::Error),
    #[error("invalid HttpResponseMessage: {0}")]
    Envelope(#[from] EnvelopeError),
}

/// Puts the values of a repeated header into one line, as .NET's HTTP client sends them.
pub(crate) fn folded(headers: &HeaderMap) -> HeaderMap {
    let fold = |name: &HeaderName| {
        let separator: &[u8] = if name == COOKIE { b"; " } else { b", " };
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(HeaderValue::as_bytes)
            .collect();
        Some((
            name.clone(),
            HeaderValue::from_bytes(&values.join(separator)).ok()?,
        ))
    };
    headers.keys().filter_map(fold).collect()
}

/// .NET's HTTP client sends no other values.
pub(crate) fn ascii(headers: &HeaderMap) -> Result<(), RelayError> {
    let ascii = |value: &HeaderValue| value.as_bytes().is_ascii();
    if headers.values().all(ascii) {
        Ok(())
    } else {
        Err(RelayError::Header)
    }
}

/// Names a length of 0 where .NET's HTTP client does: a request that ought to have a body.
pub(crate) fn name_empty_body(method: &Method, headers: &mut HeaderMap) {
    if [Method::POST, Method::PUT, Method::PATCH].contains(method) {
        set(headers, CONTENT_LENGTH, "0");
    }
}

/// Sets a header in place of what was there; a value that no header can hold is left out.
pub(crate) fn set(headers: &mut HeaderMap, name: HeaderName, value: impl AsRef<[u8]>) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_ref()) {
        headers.insert(name, value);
    }
}
