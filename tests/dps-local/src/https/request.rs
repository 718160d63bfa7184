//! A request, read as far as all APIs need it.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, IF_MATCH};
use hyper::{Method, Request};
use percent_encoding::percent_decode_str;
use rustls::pki_types::CertificateDer;

use crate::manage::PageRequest;
use crate::refusal::Refusal;

/// Bulk operations with ten certificate chains are the longest bodies of the service API.
const LONGEST: usize = 1024 * 1024;

/// A client that has begun to send a body has this long to send all of it.
const DEADLINE: Duration = Duration::from_secs(30);

/// A request whose body has been read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) method: Method,
    /// Decoded parts of the path.
    pub(super) segments: Vec<String>,
    /// The host that the client names, without port, in lower case.
    pub(super) host: String,
    pub(super) body: Bytes,
    /// What the client has shown in the handshake.
    pub(super) certificates: Arc<[CertificateDer<'static>]>,
    headers: HeaderMap,
}

impl Read {
    pub(super) async fn new(
        request: Request<Incoming>,
        certificates: Arc<[CertificateDer<'static>]>,
    ) -> Result<Self, Refusal> {
        let (head, body) = request.into_parts();
        let body = tokio::time::timeout(DEADLINE, Limited::new(body, LONGEST).collect()).await;
        let body = match body {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(_)) => return Err(Refusal::too_large(LONGEST)),
            Err(_) => return Err(Refusal::invalid("the body did not come in time")),
        };
        let path = head.uri.path().trim_matches('/').split('/');
        let segments =
            path.map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned());
        let named = head.headers.get(HOST).and_then(|host| host.to_str().ok());
        let named = head.uri.host().or(named).unwrap_or_default();
        let read = Self {
            method: head.method,
            segments: segments.collect(),
            host: without_port(named).to_ascii_lowercase(),
            body,
            certificates,
            headers: head.headers,
        };
        let query = head.uri.query().unwrap_or_default();
        let mut query = form_urlencoded::parse(query.as_bytes());
        if !query.any(|(name, value)| name == "api-version" && !value.is_empty()) {
            return Err(Refusal::invalid("the query has to have an `api-version`"));
        }
        Ok(read)
    }

    pub(super) fn authorization(&self) -> Option<&str> {
        self.header(AUTHORIZATION.as_str())
    }

    pub(super) fn if_match(&self) -> Option<&str> {
        self.header(IF_MATCH.as_str())
    }

    pub(super) fn page(&self) -> Result<PageRequest, Refusal> {
        let items = self
            .header("x-ms-max-item-count")
            .map(str::parse)
            .transpose();
        let Ok(items) = items else {
            return Err(Refusal::invalid("x-ms-max-item-count has to be a number"));
        };
        Ok(PageRequest {
            items,
            continuation: self.header("x-ms-continuation").map(str::to_owned),
        })
    }

    fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.filter(|value| !value.is_empty())
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    }
}
