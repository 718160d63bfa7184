//! Trace context on its way to the handler.

use axum::body::Body;
use axum::http::Request;
use functions_host::TraceContext;

use crate::harness::App;

const CALLERS: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What the handler gets for a caller's trace context, and without one.
async fn check(context: TraceContext, sent: Option<&str>, expected: impl Fn(&str, &str) -> bool) {
    for app in [App::proxying(), App::forwarding()] {
        let running = app
            .option(|options| options.trace_context = context)
            .start()
            .await;
        let mut request = Request::get("/api/toy");
        if let Some(sent) = sent {
            request = request
                .header("traceparent", sent)
                .header("tracestate", "a=1");
        }
        let answer = running.send(request, Body::empty()).await;
        let got = (answer.got("traceparent"), answer.got("tracestate"));
        assert!(expected(&got.0, &got.1), "{context:?} {sent:?} {got:?}");
    }
}

#[tokio::test]
async fn switches() {
    let unchanged = |parent: &str, state: &str| parent == CALLERS && state == "a=1";
    let nothing = |parent: &str, state: &str| parent.is_empty() && state.is_empty();
    let made = |parent: &str, state: &str| {
        let parts: Vec<_> = parent.split('-').map(str::len).collect();
        parts == [2, 32, 16, 2] && state.is_empty()
    };
    check(TraceContext::CallerOnly, Some(CALLERS), unchanged).await;
    check(TraceContext::CallerOnly, None, nothing).await;
    check(TraceContext::HostMade, Some(CALLERS), unchanged).await;
    check(TraceContext::HostMade, None, made).await;
    check(TraceContext::None, Some(CALLERS), nothing).await;
    check(TraceContext::None, None, nothing).await;
}
