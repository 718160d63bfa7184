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
        match etag {
            Some(etag) => reply.with(ETAG, etag),
            None => reply,
        }
    }

    pub(super) fn no_content() -> Self {
        Self {
            status: 204,
            headers: Vec::new(),
            body: None,
        }
    }

    pub(super) fn page(page: Page) -> Self {
        let reply = Self::ok(Value::Array(page.items)).with(ITEM_TYPE, page.item_type.to_owned());
        match page.continuation {
            Some(continuation) => reply.with(CONTINUATION, continuation),
            None => reply,
        }
    }

    pub(super) fn answer(answer: Answer) -> Self {
        let code = answer.body.get("errorCode").map(Value::to_string);
        let seconds = answer
            .retry_after
            .map(|wait| wait.as_secs().max(1).to_string());
        let reply = Self {
            status: answer.status,
            headers: Vec::new(),
            body: Some(answer.body),
        };
        let reply = seconds
            .into_iter()
            .fold(reply, |reply, it| reply.with(RETRY_AFTER, it));
        code.into_iter()
            .fold(reply, |reply, it| reply.with(ERROR_CODE, it))
    }

    pub(super) fn refused(refusal: &Refusal, now: Timestamp) -> Self {
        Self::answer(Answer::refused(refusal, now))
    }

    pub(super) fn located(self, location: String) -> Self {
        self.with(LOCATION, location)
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
