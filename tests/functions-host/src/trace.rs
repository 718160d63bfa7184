//! Trace context on its way to the handler. Section 5 of the reference.

use axum::http::{HeaderMap, HeaderName};
use uuid::Uuid;

use crate::relay::set;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Which trace context reaches the handler; hosts differ, so tests should try all of them.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum TraceContext {
    /// As a host 4.1037 was seen: [`Self::HostSpan`] if host.json has `telemetryMode`
    /// OpenTelemetry, else [`Self::CallerOnly`].
    AsSeen,
    /// The caller's trace id and flags with the host's span in place of the caller's; a new trace
    /// that is sampled for a caller without a valid `traceparent`.
    HostSpan,
    /// The caller's, unchanged; nothing if the caller sent none.
    CallerOnly,
    /// The caller's, unchanged; else a new trace that is sampled. Newer hosts, as read in code.
    HostMade,
    /// None, not even the caller's, as pull request 9576 saw it with forwarding.
    None,
}

impl TraceContext {
    /// What it means for a host.json.
    pub(crate) fn under(self, open_telemetry: bool) -> Self {
        match self {
            Self::AsSeen if open_telemetry => Self::HostSpan,
            Self::AsSeen => Self::CallerOnly,
            other => other,
        }
    }

    pub(crate) fn apply(self, headers: &mut HeaderMap) {
        match self {
            Self::HostMade if !headers.contains_key(TRACEPARENT) => put(headers, &trace(None)),
            Self::CallerOnly | Self::HostMade | Self::AsSeen => {}
            Self::HostSpan => {
                let sent = headers.get(TRACEPARENT).and_then(|it| it.to_str().ok());
                let parent = trace(sent.and_then(valid));
                put(headers, &parent);
            }
            Self::None => {
                headers.remove(TRACEPARENT);
                headers.remove(TRACESTATE);
            }
        }
    }
}

fn put(headers: &mut HeaderMap, parent: &str) {
    set(headers, TRACEPARENT, parent);
}

/// A span of the host, in the caller's trace if there is one.
fn trace(caller: Option<(&str, &str)>) -> String {
    let new = Uuid::new_v4().simple().to_string();
    let (trace, flags) = caller.unwrap_or((&new, "01"));
    let span = Uuid::new_v4().as_u64_pair().0;
    format!("00-{trace}-{span:016x}-{flags}")
}

/// Trace id and flags of a `traceparent`; two that were folded into one are not valid.
fn valid(parent: &str) -> Option<(&str, &str)> {
    let hexadecimal = |text: &&str, length: usize| {
        text.len() == length
            && text
                .bytes()
                .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
    };
    let id = |text: &&str, length| hexadecimal(text, length) && text.bytes().any(|it| it != b'0');
    let mut parts = parent.split('-');
    parts.next().filter(|version| *version == "00")?;
    let trace = parts.next().filter(|trace| id(trace, 32))?;
    parts.next().filter(|span| id(span, 16))?;
    let flags = parts.next().filter(|flags| hexadecimal(flags, 2))?;
    parts.next().is_none().then_some((trace, flags))
}
