//! Calls of the webhook's endpoints.

use std::time::Duration;

use anyhow::Context as _;
use dps_settings::root_cause;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};
use serde_json::{Map, Value};

use super::address::is_local;
use super::endpoints::{ALLOCATE, HEALTH, POLICY};
use super::key::Key;

/// A cold start included; the webhook itself gives up after `ALLOCATE_DEADLINE_MS`.
const LIMIT: Duration = Duration::from_secs(30);

/// An endpoint, with what is posted to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Route<'a> {
    Health,
    Policy,
    Allocate(&'a [u8]),
}

/// What an endpoint answered, or a host in its place.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Empty if the body is not a JSON object.
    pub(crate) body: Map<String, Value>,
    /// The published reason, if the webhook itself answered.
    pub(crate) reason: Option<String>,
    /// When the host wrote the answer, to the second.
    pub(crate) date: Option<Timestamp>,
}

/// Calls one webhook.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: Url,
}

impl Client {
    pub(crate) fn new(url: &Url) -> anyhow::Result<Self> {
        // Fails if a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A redirect would take the key to another place.
        let mut http = reqwest::Client::builder()
            .timeout(LIMIT)
            .redirect(Policy::none());
        if is_local(url) {
            // A proxy of the environment leads elsewhere.
            http = http.no_proxy();
        }
        Ok(Self {
            http: http.build().context("TLS cannot be set up")?,
            url: url.clone(),
        })
    }

    pub(crate) fn is_local(&self) -> bool {
        is_local(&self.url)
    }

    /// Calls an endpoint.
    ///
    /// # Errors
    /// When no answer arrives.
    pub(crate) async fn call(
        &self,
        route: Route<'_>,
        key: Option<&Key>,
    ) -> Result<Answer, reqwest::Error> {
        let path = match route {
            Route::Health => HEALTH,
            Route::Policy => POLICY,
            Route::Allocate(_) => ALLOCATE,
        };
        let base = self.url.as_str().trim_end_matches('/');
        let url = format!("{base}/api/{path}");
        let mut request = match route {
            Route::Allocate(body) => self.http.post(url).body(body.to_owned()),
            Route::Health | Route::Policy => self.http.get(url),
        };
        request = request.header(CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header("x-functions-key", key.header());
        }
        let answer = request.send().await?;
        let status = answer.status();
        let headers = answer.headers().clone();
        let body = answer.bytes().await?;
        Ok(read(status, &headers, &body))
    }
}

fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Answer {
    let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
    let body = match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let in_body = body.get("reason").and_then(Value::as_str);
    let date = headers.get(DATE).map(HeaderValue::as_bytes);
    Answer {
        status,
        reason: text("dps-reason").or(in_body).map(str::to_owned),
        date: date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok()),
        body,
    }
}

/// The innermost reason, without the address.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took longer than 30 s".to_owned();
    }
    root_cause(error)
}
