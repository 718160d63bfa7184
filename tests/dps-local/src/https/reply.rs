//! Answers as DPS writes them.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, STRICT_TRANSPORT_SECURITY,
};
use hyper::{Response, StatusCode};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::dps::Answer;
use crate::manage::Page;
use crate::refusal::Refusal;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const ERROR_CODE: HeaderName = HeaderName::from_static("x-ms-error-code");
const ITEM_TYPE: HeaderName = HeaderName::from_static("x-ms-item-type");
const CONTINUATION: HeaderName = HeaderName::from_static("x-ms-continuation");

/// An answer that is being made.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    headers: Vec<(HeaderName, String)>,
    body: Option<Value>,
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        let etag = body.get("etag").and_then(Value::as_str).map(str::to_owned);
        let reply = Self {
            status: 200,
            headers: Vec::new(),
            body: Some(body),
        };
        reply.with_some(ETAG, etag)
    }

    pub(super) fn no_content() -> Self {
        Self {
            status: 204,
            headers: Vec::new(),
            body: None,
        }
    }

    pub(super) fn page(page: Page) -> Self {
        Self::ok(Value::Array(page.items))
            .with(ITEM_TYPE, page.item_type.to_owned())
            .with_some(CONTINUATION, page.continuation)
    }

    pub(super) fn answer(answer: Answer) -> Self {
        let code = answer.body.get("errorCode").map(Value::to_string);
        let seconds = answer.retry_seconds();
        let reply = Self {
            status: answer.status,
            headers: Vec::new(),
            body: Some(answer.body),
        };
        let seconds = seconds.map(|seconds| seconds.to_string());
        reply
            .with_some(RETRY_AFTER, seconds)
            .with_some(ERROR_CODE, code)
    }

    pub(super) fn refused(refusal: &Refusal, now: Timestamp) -> Self {
        Self::answer(Answer::refused(refusal, now))
    }

    pub(super) fn located(self, location: String) -> Self {
        self.with(LOCATION, location)
    }

    fn with_some(self, name: HeaderName, value: Option<String>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn with(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn into_response(self) -> Response<Full<Bytes>> {
        let body = self
            .body
            .map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let has_body = !body.is_empty();
        let mut response = Response::new(Full::new(body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        let request_id = [(REQUEST_ID, Uuid::new_v4().to_string())];
        for (name, value) in self.headers.into_iter().chain(request_id) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        let security = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(STRICT_TRANSPORT_SECURITY, security);
        if has_body {
            let json = HeaderValue::from_static("application/json; charset=utf-8");
            headers.insert(CONTENT_TYPE, json);
        }
        response
    }
}
