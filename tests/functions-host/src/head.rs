//! Heads of requests as the host's web server (Kestrel) reads them: what it refuses itself, and
//! what it makes of path and method.
//!
//! Section 10 of the reference ("limits of the front") and the recorded exchanges.

use axum::extract::Request;
use axum::http::header::{CONNECTION, HOST};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, Version};
use axum::response::IntoResponse as _;

use crate::target;

/// Longest request line in bytes, with its end (`MaxRequestLineSize`).
const REQUEST_LINE: usize = 8_192;

/// Most headers (`MaxRequestHeaderCount`), and most bytes of them (`MaxRequestHeadersTotalSize`).
const HEADERS: usize = 100;
const HEADER_BYTES: usize = 32_768;

/// `HTTP/1.1`, the two spaces and the line's end.
const AROUND_TARGET: usize = 12;

/// `: ` and the line's end.
const AROUND_VALUE: usize = 4;

/// Methods that .NET knows, and therefore writes in capitals.
const KNOWN: [Method; 9] = [
    Method::CONNECT,
    Method::DELETE,
    Method::GET,
    Method::HEAD,
    Method::OPTIONS,
    Method::PATCH,
    Method::POST,
    Method::PUT,
    Method::TRACE,
];

/// The request as the host's own code sees it, or the status with which the front refuses it.
pub(crate) fn read(mut request: Request) -> Result<Request, StatusCode> {
    check(&request)?;
    let method = request.method();
    let known = KNOWN
        .iter()
        .find(|known| known.as_str().eq_ignore_ascii_case(method.as_str()));
    if let Some(known) = known {
        *request.method_mut() = known.clone();
    }
    if let Some(uri) = normalised(request.uri()) {
        *request.uri_mut() = uri;
    }
    Ok(request)
}

/// An answer after which the connection is closed.
pub(crate) fn closing(status: StatusCode) -> Response<axum::body::Body> {
    let mut response = status.into_response();
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

fn check(request: &Request) -> Result<(), StatusCode> {
    let target = request.uri().to_string().len();
    if request.method().as_str().len() + target + AROUND_TARGET > REQUEST_LINE {
        return Err(StatusCode::URI_TOO_LONG);
    }
    let headers = request.headers();
    if headers.len() > HEADERS || bytes(headers) > HEADER_BYTES {
        return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    if headers
        .values()
        .any(|value| std::str::from_utf8(value.as_bytes()).is_err())
    {
        return Err(StatusCode::BAD_REQUEST);
    }
    match headers.get_all(HOST).iter().count() {
        1 => Ok(()),
        // Kestrel lets it pass, and the host stumbles over the missing name.
        0 if request.version() == Version::HTTP_10 => Err(StatusCode::INTERNAL_SERVER_ERROR),
        _ => Err(StatusCode::BAD_REQUEST),
    }
}

fn bytes(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + AROUND_VALUE)
        .sum()
}

/// Path and query only, with the path decoded and without `.` and `..`.
fn normalised(uri: &Uri) -> Option<Uri> {
    let path = target::path(uri.path());
    let target = match uri.query() {
        None => path,
        Some(query) => format!("{path}?{query}"),
    };
    Some(PathAndQuery::try_from(target).ok()?.into())
}
