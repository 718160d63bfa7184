//! Answers of Azure Tables that refuse a request.

use std::time::{Duration, SystemTime};

/// Why Azure would not do it.
///
/// Codes and texts: <https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes>
/// and <https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// With seconds for Retry-After.
    ServerBusy(Option<u32>),
    /// With seconds for Retry-After.
    TooManyRequests(Option<u32>),
    InternalError,
    AuthorizationFailure,
    /// Seconds that the answer's date is ahead.
    AuthenticationFailed {
        ahead: i64,
    },
}

/// A request id, as every answer has one.
const REQUEST_ID: &str = "5c1b7a52-3002-0012-5f3c-000000000000";

impl Refusal {
    /// The whole answer; the connection stays open after it.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let (status, code, text) = self.wording();
        // `\n` stands for two characters here: it is JSON.
        let body = format!(
            r#"{{"odata.error":{{"code":"{code}","message":{{"lang":"en-US","value":"{text}\nRequestId:{REQUEST_ID}"}}}}}}"#
        );
        let date = httpdate::fmt_http_date(self.now());
        let retry_after = self
            .retry_after()
            .map(|seconds| format!("Retry-After: {seconds}\r\n"));
        let retry_after = retry_after.unwrap_or_default();
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\n\
             Content-Type: application/json;odata=minimalmetadata;streaming=true;charset=utf-8\r\n\
             Server: Windows-Azure-Table/1.0 Microsoft-HTTPAPI/2.0\r\n\
             x-ms-request-id: {REQUEST_ID}\r\n\
             x-ms-version: 2019-02-02\r\n\
             x-ms-error-code: {code}\r\n\
             Date: {date}\r\n\
             {retry_after}\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }

    fn wording(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::ServerBusy(_) => (
                "503 Service Unavailable",
                "ServerBusy",
                "The server is busy.",
            ),
            Self::TooManyRequests(_) => (
                "429 Too Many Requests",
                "TooManyRequests",
                "The request rate is too large. Please retry after sometime.",
            ),
            Self::InternalError => (
                "500 Internal Server Error",
                "InternalError",
                "Server encountered an internal error. Please try again after some time.",
            ),
            Self::AuthorizationFailure => (
                "403 Forbidden",
                "AuthorizationFailure",
                "This request is not authorized to perform this operation.",
            ),
            Self::AuthenticationFailed { .. } => (
                "403 Forbidden",
                "AuthenticationFailed",
                "Server failed to authenticate the request. Make sure the value of Authorization \
                 header is formed correctly including the signature.",
            ),
        }
    }

    fn retry_after(self) -> Option<u32> {
        match self {
            Self::ServerBusy(seconds) | Self::TooManyRequests(seconds) => seconds,
            _ => None,
        }
    }

    fn now(self) -> SystemTime {
        let Self::AuthenticationFailed { ahead } = self else {
            return SystemTime::now();
        };
        let offset = Duration::from_secs(ahead.unsigned_abs());
        if ahead < 0 {
            SystemTime::now() - offset
        } else {
            SystemTime::now() + offset
        }
    }
}
