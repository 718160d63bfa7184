//! Trace context on its way to the handler. Section 5 of the reference.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Which trace context reaches the handler; hosts differ, so tests should try all three.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum TraceContext {
    /// The caller's, unchanged; nothing if the caller sent none.
    CallerOnly,
    /// The caller's; else one made by the host, as .NET's HTTP client does.
    HostMade,
    /// None, not even the caller's, as pull request 9576 saw it with forwarding.
    None,
}

impl TraceContext {
    pub(crate) fn apply(self, headers: &mut HeaderMap) {
        match self {
            Self::HostMade if !headers.contains_key(TRACEPARENT) => {
                headers.extend(host_made().map(|value| (TRACEPARENT, value)));
            }
            Self::CallerOnly | Self::HostMade => {}
            Self::None => {
                headers.remove(TRACEPARENT);
                headers.remove(TRACESTATE);
            }
        }
    }
}

/// Not sampled (00): an activity that no exporter of the host has asked for.
fn host_made() -> Option<HeaderValue> {
    let (trace, span) = (
        Uuid::new_v4().simple().to_string(),
        Uuid::new_v4().as_u64_pair().0,
    );
    HeaderValue::try_from(format!("00-{trace}-{span:016x}-00")).ok()
}
