//! Trace context on its way to the handler.

use axum::body::Body;
use axum::http::Request;
use functions_host::TraceContext;
use serde_json::json;

use crate::harness::App;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLERS: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

/// What becomes of a `traceparent`.
#[derive(Debug, PartialEq, Eq)]
enum Parent {
    None,
    AsSent,
    /// The caller's trace and flags, the host's span.
    HostSpan,
    /// A sampled trace of the host's own.
    New,
}

fn parent(sent: Option<&str>, got: &str) -> Parent {
    let parts: Vec<_> = got.split('-').map(str::len).collect();
    assert!(
        got.is_empty() || parts == [2, 32, 16, 2] || sent == Some(got),
        "{got}"
    );
    if got.is_empty() {
        Parent::None
    } else if sent == Some(got) {
        Parent::AsSent
    } else if got.contains(TRACE) {
        assert!(got.ends_with("-00"), "{got}");
        Parent::HostSpan
    } else {
        assert!(got.ends_with("-01"), "{got}");
        Parent::New
    }
}

/// What the handler gets of no trace context, of a valid one, and of an invalid one.
async fn check(context: TraceContext, telemetry: &str, expected: [Parent; 3]) {
    for app in [App::proxying(), App::forwarding()] {
        let running = app
            .host_json(json!({ "telemetryMode": telemetry }))
            .option(|options| options.trace_context = context)
            .start()
            .await;
        for (sent, expected) in [None, Some(CALLERS), Some("xx")].into_iter().zip(&expected) {
            let mut request = Request::get("/api/toy").header("tracestate", "a=1");
            if let Some(sent) = sent {
                request = request.header("traceparent", sent);
            }
            let answer = running.send(request, Body::empty()).await;
            let case = format!("{context:?} {telemetry} {sent:?}");
            assert_eq!(
                parent(sent, &answer.got("traceparent")),
                *expected,
                "{case}"
            );
            let state = answer.got("tracestate");
            assert_eq!(state.is_empty(), context == TraceContext::None, "{case}");
        }
    }
}

#[tokio::test]
async fn switches() {
    use Parent::{AsSent, HostSpan, New, None};
    let (otel, off) = ("OpenTelemetry", "");
    check(TraceContext::AsSeen, otel, [New, HostSpan, New]).await;
    check(TraceContext::AsSeen, off, [None, AsSent, AsSent]).await;
    check(TraceContext::HostSpan, off, [New, HostSpan, New]).await;
    check(TraceContext::CallerOnly, otel, [None, AsSent, AsSent]).await;
    check(TraceContext::HostMade, off, [New, AsSent, AsSent]).await;
    check(TraceContext::None, otel, [None, None, None]).await;
}
