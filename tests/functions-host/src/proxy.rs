//! Proxying: `enableProxyingHttpRequest`, the request streamed by a reverse proxy.
//!
//! Right column of the table in section 3 of the reference; `DefaultHttpProxyService.cs`,
//! `RetryProxyHandler.cs`, YARP 2.0.1 (`HttpForwarder`, `RequestUtilities`, `TransformBuilder`).
//!
//! A request without a body is sent again if the handler dies over it: after a crash and a quick
//! restart the new handler answers it. A body is read once, so such a request fails.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, FORWARDED, HOST, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::uri::{InvalidUri, PathAndQuery};
use axum::http::{HeaderMap, HeaderName, Response, Uri};
use tokio::time::sleep;
use uuid::Uuid;

use crate::body::{Activity, Upload};
use crate::relay::{
    HOST_VERSION, HOST_VERSION_HEADER, INVOCATION_ID_HEADER, Relay, RelayError, ascii, folded,
    name_empty_body, set,
};
use crate::target::canonical;

const CATEGORY: &str = "Microsoft.Azure.WebJobs.Script.Http.DefaultHttpProxyService";

/// Attempts in all, with 50, 100, 200 and then 250 ms between them: about 1.85 s.
const ATTEMPTS: u32 = 10;
const FIRST_DELAY: Duration = Duration::from_millis(50);
const LONGEST_DELAY: Duration = Duration::from_millis(250);

/// Same id again, for workers that also hear of the call by another way.
const CORRELATION_HEADER: HeaderName = HeaderName::from_static("x-ms-invocation-id");

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Dropped in both directions (`RequestUtilities._headersToExclude`).
#[rustfmt::skip]
const HOP_BY_HOP: [&str; 17] = [
    "alpn", "alt-svc", "close", "connection", "http2-settings", "keep-alive", "proxy-authenticate",
    "proxy-authentication-info", "proxy-authorization", "proxy-connection", "proxy-features",
    "proxy-instruction", "security-scheme", "te", "transfer-encoding", "upgrade",
    "upgrade-insecure-requests",
];

impl Relay {
    /// Streams a request to the handler; the answer's body is still to be streamed back.
    pub(crate) async fn proxy(
        &self,
        request: Request,
        peer: IpAddr,
        id: Uuid,
    ) -> Result<(Response<Body>, Activity), RelayError> {
        let (mut parts, body) = request.into_parts();
        let activity = Activity::new(self.activity);
        let upload = Upload::new(&parts.headers, body, self.body_limit, &activity);
        let mut headers = headers(&parts, peer, id);
        ascii(&headers)?;
        self.trace_context.apply(&mut headers);
        if upload.is_none() {
            name_empty_body(&parts.method, &mut headers);
        }
        parts.headers = headers;
        parts.uri = self.upstream.uri(&target(&parts.uri)?);

        let (mut attempt, mut delay) = (1, FIRST_DELAY);
        loop {
            let body = upload
                .as_ref()
                .map(|upload| upload.attempt().ok_or(RelayError::Consumed));
            let error = match body.transpose() {
                Err(consumed) => consumed,
                Ok(body) => tokio::select! {
                    sent = self.upstream.send(&parts, body) => match sent {
                        Ok(response) => return Ok((without_hops(response), activity)),
                        Err(error) => RelayError::Request(error),
                    },
                    idle = activity.lapsed() => return Err(idle.into()),
                },
            };
            if attempt == ATTEMPTS {
                let text = "Reached the maximum retry count for worker request proxying.";
                self.log.warning(CATEGORY, format!("{text} Error: {error}"));
                return Err(error);
            }
            let text = "Failed to proxy request to the worker. Retrying in";
            let which = format!("Attempt {attempt} of {ATTEMPTS}.");
            self.log
                .warning(CATEGORY, format!("{text} {}ms. {which}", delay.as_millis()));
            sleep(delay).await;
            (attempt, delay) = (attempt + 1, (delay * 2).min(LONGEST_DELAY));
        }
    }
}

/// The path as the front has decoded it, the query as .NET writes it.
fn target(uri: &Uri) -> Result<PathAndQuery, InvalidUri> {
    match uri.query() {
        None => PathAndQuery::try_from(uri.path()),
        Some(query) => PathAndQuery::try_from(format!("{}?{}", uri.path(), canonical(query))),
    }
}

/// The caller's headers with the host's own, which replace what the caller sent.
fn headers(parts: &Parts, peer: IpAddr, id: Uuid) -> HeaderMap {
    let mut headers = folded(&parts.headers);
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
    let host = headers.remove(HOST);
    // The prefix is the host's path base, which is empty.
    for name in [FORWARDED, X_FORWARDED_PREFIX, X_FORWARDED_HOST] {
        headers.remove(name);
    }
    headers.extend(host.map(|host| (X_FORWARDED_HOST, host)));
    set(&mut headers, X_FORWARDED_FOR, peer.to_string());
    set(&mut headers, X_FORWARDED_PROTO, "http");
    set(&mut headers, HOST_VERSION_HEADER, HOST_VERSION);
    set(&mut headers, INVOCATION_ID_HEADER, id.to_string());
    set(&mut headers, CORRELATION_HEADER, id.to_string());
    headers
}

fn without_hops(mut response: Response<Body>) -> Response<Body> {
    for name in HOP_BY_HOP {
        response.headers_mut().remove(name);
    }
    response
}
