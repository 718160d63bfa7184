//! Host and handler in one trace.

use std::time::Duration;

use e2e::{Collector, Mood, Runtime, ScriptRoot};
use functions_host::{Auth, Stop};
use serde_json::Value;
use tokio::time::timeout;

use super::{ALLOCATE, CALLER, TRACE, check_under_host, secretive};

/// The id that the host has logged for its only call of the function.
fn invocation(app: &Runtime) -> String {
    let lines = app.lines();
    let begins = lines
        .iter()
        .filter_map(|line| line.strip_prefix("Executing 'Functions.allocate'"));
    let ids = begins.filter_map(|line| line.split_once("Id=")?.1.strip_suffix(')'));
    let ids: Vec<&str> = ids.collect();
    assert_eq!(ids.len(), 1, "{lines:?}");
    ids[0].to_owned()
}

#[tokio::test]
async fn the_handlers_span_names_the_hosts_invocation_in_the_callers_trace() {
    let collector = Collector::start(Mood::Takes).await;
    let url = collector.url();
    let root = ScriptRoot::new();
    let host_json = std::fs::read(root.path().join("host.json")).unwrap();
    let host_json: Value = serde_json::from_slice(&host_json).unwrap();
    // The host exports by the same setting, if this says so.
    assert_eq!(host_json["telemetryMode"], "OpenTelemetry");
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*url)];
    let app = Runtime::stand_in(&root, Auth::Off, &settings).await;
    let app = app.with_header("traceparent", &format!("00-{TRACE}-{CALLER}-01"));
    assert_eq!(app.allocate(&secretive()).await.status, 200);
    collector
        .until("the span", |it| !it.spans(ALLOCATE).is_empty())
        .await;
    let span = &collector.spans(ALLOCATE)[0];
    check_under_host(span);
    let invocation = invocation(&app);
    assert_eq!(span.get("faas.invocation_id"), invocation);
    let line = app
        .lines()
        .into_iter()
        .find(|line| line.starts_with("{\"log\":\"decision\""));
    let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
    assert_eq!(line["invocationId"], invocation);
    assert_eq!(line["traceId"], TRACE);
}

/// The host makes a trace where the caller has none.
#[tokio::test]
async fn a_trace_of_the_hosts_own_is_followed() {
    let collector = Collector::start(Mood::Takes).await;
    let url = collector.url();
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*url),
        ("OTEL_TRACES_SAMPLER", "always_on"),
    ];
    let root = ScriptRoot::new();
    let app = Runtime::stand_in(&root, Auth::Off, &settings).await;
    assert_eq!(app.allocate(&secretive()).await.status, 200);
    collector
        .until("the span", |it| !it.spans(ALLOCATE).is_empty())
        .await;
    let span = &collector.spans(ALLOCATE)[0];
    assert_eq!((span.trace.len(), span.parent.len()), (32, 16), "{span:?}");
    let lines = app.lines();
    let line = lines
        .iter()
        .find(|line| line.starts_with("{\"log\":\"decision\""));
    let line: Value = serde_json::from_str(line.unwrap()).unwrap();
    assert_eq!(line["traceId"], span.trace);
    assert_eq!(span.get("faas.invocation_id"), invocation(&app));
}

/// Kills give no warning, so that an instance must not wait for its end to export. No setting
/// shortens the interval, which is 10 s under a host and a minute elsewhere.
#[tokio::test]
async fn an_instance_that_lives_for_15_seconds_exports_metrics() {
    let collector = Collector::start(Mood::Takes).await;
    let url = collector.url();
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*url)];
    let root = ScriptRoot::new();
    let app = Runtime::stand_in(&root, Auth::Off, &settings).await;
    assert_eq!(app.allocate(&secretive()).await.status, 200);
    let metrics = collector.until("the metrics", |it| !it.metric("dps.decisions").is_empty());
    timeout(Duration::from_secs(40), metrics)
        .await
        .expect("metrics well within a minute");
    app.stop(Stop::Kill).await;
}

/// Without a signal, as the host ends the handler at every scale-in.
#[tokio::test]
async fn a_killed_instance_leaves_the_line_and_the_span_of_its_decision() {
    let collector = Collector::start(Mood::Takes).await;
    let url = collector.url();
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*url)];
    let root = ScriptRoot::new();
    let app = Runtime::stand_in(&root, Auth::Off, &settings).await;
    let app = app.with_header("traceparent", &format!("00-{TRACE}-{CALLER}-01"));
    let log = app.host().log().clone();
    assert_eq!(app.allocate(&secretive()).await.status, 200);
    // No further request and no end makes it export: spans leave within half a second.
    collector
        .until("the span", |it| !it.spans(ALLOCATE).is_empty())
        .await;
    app.stop(Stop::Kill).await;

    let span = &collector.spans(ALLOCATE)[0];
    let lines = log.lines().into_iter().map(|line| line.message);
    let mut decisions = lines.filter(|line| line.starts_with("{\"log\":\"decision\""));
    let decision: Value = serde_json::from_str(&decisions.next().unwrap()).unwrap();
    assert_eq!(decisions.next(), None);
    assert_eq!(decision["traceId"], span.trace);
    assert_eq!(decision["invocationId"], span.get("faas.invocation_id"));
    assert_eq!(decision["hub"], span.get("dps.hub"));
}
