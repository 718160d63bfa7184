//! Forwarding: `enableForwardingHttpRequest`, the request rebuilt and the answer buffered.
//!
//! Left column of the table in section 3 of the reference; `DefaultHttpWorkerService.cs`,
//! `HttpRequestExtensions.cs`.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING, USER_AGENT,
};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::BodyExt as _;
use mime::Mime;
use uuid::Uuid;

use crate::body::{Activity, Upload, content_length};
use crate::relay::{
    HOST_VERSION, HOST_VERSION_HEADER, INVOCATION_ID_HEADER, Relay, RelayError, ascii, folded,
    name_empty_body, set,
};
use crate::target::rebuilt;

/// Headers of a body in .NET; only length and type are copied.
#[rustfmt::skip]
const CONTENT_HEADERS: [&str; 11] = [
    "allow", "content-disposition", "content-encoding", "content-language", "content-length",
    "content-location", "content-md5", "content-range", "content-type", "expires", "last-modified",
];

impl Relay {
    /// Sends a request once, and reads the whole answer.
    pub(crate) async fn forward(
        &self,
        request: Request,
        id: Uuid,
    ) -> Result<(Response<Body>, Activity), RelayError> {
        let (mut parts, body) = request.into_parts();
        let has_body = content_length(&parts.headers).is_some_and(|length| length > 0);
        if !has_body && parts.headers.contains_key(TRANSFER_ENCODING) {
            return Err(RelayError::Chunked);
        }
        let target = format!(
            "{}{}",
            parts.uri.path(),
            rebuilt(parts.uri.query().unwrap_or_default())
        );
        // Only proxying has a limit for quiet time; here functionTimeout comes first.
        let activity = Activity::new(self.activity);
        let upload = Upload::new(&parts.headers, body, self.body_limit, &activity);

        let mut headers = headers(&parts.headers, has_body, id)?;
        self.trace_context.apply(&mut headers);
        if !has_body {
            name_empty_body(&parts.method, &mut headers);
        }
        parts.headers = headers;
        parts.uri = self.upstream.uri(&PathAndQuery::try_from(target)?);
        let body = upload.and_then(|upload| upload.attempt());
        let (mut parts, body) = self.upstream.send(&parts, body).await?.into_parts();
        parts.headers.remove(TRANSFER_ENCODING);
        split(&mut parts.headers, &ALLOW);
        let body = body.collect().await?.to_bytes();
        if parts.status != StatusCode::NO_CONTENT {
            let length = parts.headers.entry(CONTENT_LENGTH);
            length.or_insert(body.len().into());
        }
        let body = Body::from(body);
        Ok((Response::from_parts(parts, body), activity))
    }
}

/// The caller's headers with the host's own, which are added to what the caller sent.
fn headers(original: &HeaderMap, has_body: bool, id: Uuid) -> Result<HeaderMap, RelayError> {
    let mut headers = folded(original);
    ascii(&headers)?;
    let content_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    if has_body && content_type.is_some_and(|it| it.parse::<Mime>().is_err()) {
        return Err(RelayError::ContentType);
    }
    known_connection(&mut headers);
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
    Ok(headers)
}

/// Other names in `Connection` are lost on the way; the headers that they name are not.
fn known_connection(headers: &mut HeaderMap) {
    let Some(sent) = headers.remove(CONNECTION) else {
        return;
    };
    let sent = String::from_utf8_lossy(sent.as_bytes()).to_lowercase();
    let known = ["keep-alive", "close"]
        .into_iter()
        .find(|known| sent.split(',').any(|option| option.trim() == *known));
    headers.extend(known.map(|known| (CONNECTION, HeaderValue::from_static(known))));
}

/// Makes one line of each value of a list, as .NET reads it.
fn split(headers: &mut HeaderMap, name: &HeaderName) {
    let values: Vec<_> = headers.get_all(name).iter().cloned().collect();
    headers.remove(name);
    for value in values
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
    {
        if let Ok(value) = HeaderValue::from_bytes(value.trim_ascii()) {
            headers.append(name, value);
        }
    }
}

fn add(headers: &mut HeaderMap, name: HeaderName, separator: &str, value: &str) {
    let sent = headers
        .get(&name)
        .map(|sent| [sent.as_bytes(), separator.as_bytes()].concat());
    let value = [sent.unwrap_or_default().as_slice(), value.as_bytes()].concat();
    set(headers, name, value);
}
