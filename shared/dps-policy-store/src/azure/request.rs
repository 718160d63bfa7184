//! Requests of the 0.21 crates, put right before they are signed and sent.

use azure_core_legacy::{Body, Request};
use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::failure::Failure;

/// A request, ready to be signed.
pub(super) struct Prepared {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Whether a second time has the effect of the first: reads, and making a table.
    pub(super) repeatable: bool,
}

impl Prepared {
    pub(super) fn new(request: &Request) -> Result<Self, Failure> {
        let unfit = |what: &str| Failure::Unreadable(format!("a request with a wrong {what}"));
        let method = Method::from_bytes(request.method().as_ref().as_bytes())
            .map_err(|_cause| unfit("method"))?;
        let mut headers = HeaderMap::new();
        for (name, value) in request.headers().iter() {
            let name = HeaderName::from_bytes(name.as_str().as_bytes());
            let value = HeaderValue::from_str(value.as_str());
            let name = name.map_err(|_cause| unfit("header"))?;
            headers.insert(name, value.map_err(|_cause| unfit("header"))?);
        }
        // Computed anew, since the body of a batch is not sent as it is.
        headers.remove(CONTENT_LENGTH);
        let Body::Bytes(body) = request.body() else {
            return Err(unfit("body"));
        };
        let url = spaces_as_percent_20(request.url());
        let batch = url.path().ends_with("/$batch");
        if method == Method::GET {
            // Without links to each row: half the bytes.
            let accept = HeaderValue::from_static("application/json;odata=minimalmetadata");
            headers.insert(ACCEPT, accept);
        }
        Ok(Self {
            repeatable: !batch,
            body: if batch {
                mime(body, &headers)
            } else {
                body.clone()
            },
            method,
            url,
            headers,
        })
    }
}

/// The crate writes form encoding, where a space is `+`; in a URL it is `%20`.
fn spaces_as_percent_20(url: &Url) -> Url {
    let mut url = url.clone();
    if let Some(query) = url.query().map(|query| query.replace('+', "%20")) {
        url.set_query(Some(&query));
    }
    url
}

/// The crate writes bare line feeds and leaves out the end of the last part (RFC 2046, 5.1.1).
/// Inside of rows line feeds are escaped.
fn mime(body: &Bytes, headers: &HeaderMap) -> Bytes {
    let content_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let boundary = content_type.and_then(|it| it.split_once("boundary="));
    let mut text = String::from_utf8_lossy(body).replace('\n', "\r\n");
    if let Some((_, boundary)) = boundary
        && text.ends_with(&format!("--{boundary}\r\n"))
    {
        text.truncate(text.len() - "\r\n".len());
        text.push_str("--\r\n");
    }
    text.into()
}

#[cfg(test)]
mod tests;
