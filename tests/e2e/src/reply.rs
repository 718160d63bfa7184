//! An answer byte for byte, to be compared between the ways to the webhook.

use axum::body::Bytes;
use reqwest::Response;

/// The headers that are part of what the webhook says; the others belong to who carries it.
const HEADERS: [&str; 3] = ["content-type", "dps-reason", "dps-policy-revision"];

/// Status, headers and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers that the webhook sets, in a fixed order; absent ones are left out.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    pub(crate) fn new(status: u16, header: impl Fn(&str) -> Option<String>, body: Bytes) -> Self {
        let headers = HEADERS.into_iter();
        Self {
            status,
            headers: headers
                .filter_map(|name| Some((name, header(name)?)))
                .collect(),
            body,
        }
    }

    /// What came over HTTP.
    pub(crate) async fn read(response: Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let body = response.bytes().await.expect("the whole answer");
        let header = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        Self::new(status, header, body)
    }

    /// The value of a header; empty: there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(it, _)| *it == name);
        found.map_or("", |(_, value)| value)
    }
}
