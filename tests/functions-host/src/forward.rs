//! Forwarding: `enableForwardingHttpRequest`, the request rebuilt and the answer buffered.
//!
//! Left column of the table in section 3 of the reference; `DefaultHttpWorkerService.cs`,
//! `HttpRequestExtensions.cs`.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING, USER_AGENT};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, Response};
use http_body_util::BodyExt as _;
use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode,
};
use uuid::Uuid;

use crate::body::{Activity, Upload, content_length};
use crate::relay::{
    HOST_VERSION, HOST_VERSION_HEADER, INVOCATION_ID_HEADER, Relay, RelayError, folded, set,
};

/// Headers of a body in .NET; only length and type are copied.
#[rustfmt::skip]
const CONTENT_HEADERS: [&str; 11] = [
    "allow", "content-disposition", "content-encoding", "content-language", "content-length",
    "content-location", "content-md5", "content-range", "content-type", "expires", "last-modified",
];

/// What a path may not hold unescaped.
#[rustfmt::skip]
const PATH: &AsciiSet = &CONTROLS
    .add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'\\').add(b'^')
    .add(b'`').add(b'{').add(b'|').add(b'}');

/// What `UrlEncoder.Default` escapes.
#[rustfmt::skip]
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!').remove(b'$').remove(b'(').remove(b')').remove(b'*').remove(b',').remove(b'-')
    .remove(b'.').remove(b';').remove(b'@').remove(b'_').remove(b'~');

impl Relay {
    /// Sends a request once, and reads the whole answer.
    pub(crate) async fn forward(
        &self,
        request: Request,
        id: Uuid,
    ) -> Result<(Response<Body>, Activity), RelayError> {
        let (parts, body) = request.into_parts();
        let has_body = content_length(&parts.headers).is_some_and(|length| length > 0);
        if !has_body && parts.headers.contains_key(TRANSFER_ENCODING) {
            return Err(RelayError::Chunked);
        }
        let target = reescaped(parts.uri.path()) + &rebuilt(parts.uri.query().unwrap_or_default());
        // Only proxying has a limit for quiet time; here functionTimeout comes first.
        let activity = Activity::new(self.activity);
        let upload = Upload::new(&parts.headers, body, self.body_limit, &activity);

        let body = upload
            .and_then(|upload| upload.attempt())
            .unwrap_or_default();
        let mut request = Request::new(body);
        *request.method_mut() = parts.method;
        *request.uri_mut() = self.upstream.uri(&PathAndQuery::try_from(target)?);
        *request.headers_mut() = headers(&parts.headers, has_body, id);
        self.trace_context.apply(request.headers_mut());
        let (mut parts, body) = self.upstream.send(request).await?.into_parts();
        parts.headers.remove(TRANSFER_ENCODING);
        let body = Body::from(body.collect().await?.to_bytes());
        Ok((Response::from_parts(parts, body), activity))
    }
}

/// The caller's headers with the host's own, which are added to what the caller sent.
fn headers(original: &HeaderMap, has_body: bool, id: Uuid) -> HeaderMap {
    let mut headers = folded(original);
    for name in CONTENT_HEADERS {
        headers.remove(name);
    }
    if has_body {
        for name in [CONTENT_LENGTH, CONTENT_TYPE] {
            headers.extend(original.get(&name).map(|value| (name, value.clone())));
        }
    }
    add(&mut headers, HOST_VERSION_HEADER, ", ", HOST_VERSION);
    add(&mut headers, INVOCATION_ID_HEADER, ", ", &id.to_string());
    add(
        &mut headers,
        USER_AGENT,
        " ",
        &format!("Azure-Functions-Host/{HOST_VERSION}"),
    );
    headers
}

fn add(headers: &mut HeaderMap, name: HeaderName, separator: &str, value: &str) {
    let sent = headers
        .get(&name)
        .map(|sent| [sent.as_bytes(), separator.as_bytes()].concat());
    let value = [sent.unwrap_or_default().as_slice(), value.as_bytes()].concat();
    set(headers, name, value);
}

/// Escapes are undone and made again where needed; an escaped slash stays escaped.
fn reescaped(path: &str) -> String {
    let part = |part: &str| {
        utf8_percent_encode(&percent_decode_str(part).decode_utf8_lossy(), PATH).to_string()
    };
    path.replace("%2f", "%2F")
        .split("%2F")
        .map(part)
        .collect::<Vec<_>>()
        .join("%2F")
}

/// Query from a dictionary: names in any case are one, their values are joined by commas.
fn rebuilt(query: &str) -> String {
    let mut parameters: Vec<(String, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match parameters
            .iter_mut()
            .find(|(known, _)| known.to_lowercase() == name.to_lowercase())
        {
            Some((_, values)) => values.extend([",", &value]),
            None => parameters.push((name.into_owned(), value.into_owned())),
        }
    }
    let escaped = |text: &str| utf8_percent_encode(text, QUERY).to_string();
    let mut rebuilt = String::new();
    for (name, value) in parameters {
        rebuilt.push(if rebuilt.is_empty() { '?' } else { '&' });
        rebuilt.extend([escaped(&name), "=".into(), escaped(&value)]);
    }
    rebuilt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, query: &str, expected: &str) {
        assert_eq!(
            reescaped(path) + &rebuilt(query),
            expected,
            "{path} {query}"
        );
    }

    #[test]
    fn targets() {
        check("/api/allocate", "", "/api/allocate");
        check("/api/%61llocate", "", "/api/allocate");
        check("/api/a%20b%2fc", "", "/api/a%20b%2Fc");
        check("/api/%C3%A9", "", "/api/%C3%A9");
        check("/api/a", "code=k", "/api/a?code=k");
        check("/api/a", "a=1&b=2&a=3&A=4", "/api/a?a=1,3,4&b=2");
        check(
            "/api/a",
            "a=x+y&b=%2F%3D&flag",
            "/api/a?a=x%20y&b=%2F%3D&flag=",
        );
    }
}
