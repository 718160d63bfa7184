//! Envelopes: what a Functions host sends that neither proxies nor forwards requests.
//!
//! <https://learn.microsoft.com/azure/azure-functions/functions-custom-handlers#request-payload>

use std::sync::Once;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Method, Response};
use serde::Deserialize;
use serde_json::{Map, Value};
use tracing::error;

use crate::decision_id::INVOCATION_ID;
use crate::problem::Reported;
use crate::reason::Reason;

/// The members of an envelope; an allocation request has neither.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Data")]
    _data: Map<String, Value>,
    #[serde(rename = "Metadata")]
    _metadata: Map<String, Value>,
}

/// Whether a host has sent the body in place of the caller's.
pub(crate) fn is(body: &[u8]) -> bool {
    serde_json::from_slice::<Envelope>(body).is_ok()
}

/// Whether a request that matches no route may be an envelope: those are posted to the name of the
/// function, whatever its route and methods are.
pub(crate) fn may_be(head: &Parts) -> bool {
    head.method == Method::POST && head.headers.contains_key(&INVOCATION_ID)
}

/// Says once what is wrong with the host.
#[derive(Debug)]
pub(crate) struct Notice(Once);

impl Notice {
    pub(crate) fn new() -> Self {
        Self(Once::new())
    }

    /// Says it if this is the answer to an envelope.
    pub(crate) fn answered(&self, response: &Response<Body>) {
        let reported = response.extensions().get::<Reported>();
        if reported.is_some_and(|it| it.reason == Reason::NotForwarded) {
            self.0.call_once(|| {
                error!(
                    "the Functions host sends envelopes instead of requests, and every allocation \
                     fails: set `customHandler.enableProxyingHttpRequest` and \
                     `customHandler.enableForwardingHttpRequest` to true in host.json (an older \
                     host knows only the second), and give each function.json one httpTrigger and \
                     one http binding"
                );
            });
        }
    }
}
