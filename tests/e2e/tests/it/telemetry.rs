//! What can be followed from outside: traces and metrics as a collector gets them.

mod application_insights;
mod harmless;
mod host;
mod policy;
mod secrets;
mod store;

use std::collections::BTreeMap;

use e2e::{Collector, Mood, Rotel, Runtime, ScriptRoot, Span, fixture, keys_of};
use functions_host::{Auth, Stop};
use serde_json::Value;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
const ALLOCATE: &str = "POST /api/allocate";

fn borrowed<'a>(settings: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

/// A device with a secret in its payload, under a host that asks for keys.
fn secretive() -> Value {
    let mut request = fixture("individual-tpm-payload");
    request["deviceRuntimeContext"]["payload"]["secret"] = "top-secret-value".into();
    request
}

const KEY: &str = "allocate-key-0123456789";

fn keys() -> Auth {
    keys_of(&[("allocate", KEY)])
}

async fn one_allocation_is_one_trace(protocol: &str) {
    let collector = Collector::start(Mood::Takes).await;
    let rotel = Rotel::start(&collector).await;
    let mut settings = rotel.settings(protocol);
    settings.push((
        "OTEL_EXPORTER_OTLP_HEADERS",
        "api-key=collector-key-0123456789".to_owned(),
    ));
    settings.push(("OTEL_METRIC_EXPORT_INTERVAL", "200".to_owned()));
    settings.push((
        "OTEL_RESOURCE_ATTRIBUTES",
        "deployment.environment.name=test".to_owned(),
    ));
    let root = ScriptRoot::new();
    let app = Runtime::stand_in(&root, keys(), &borrowed(&settings)).await;
    let caller = format!("00-{TRACE}-{CALLER}-01");
    let app = app.with_key(KEY).with_header("traceparent", &caller);
    let answer = app.allocate(&secretive()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    collector
        .until("the span", |it| !it.spans(ALLOCATE).is_empty())
        .await;

    let spans = collector.spans(ALLOCATE);
    assert_eq!(spans.len(), 1, "{spans:?}");
    let span = &spans[0];
    check_under_host(span);
    assert_eq!((span.kind, span.status), (2, 0), "{span:?}");
    let hub = answer.body["iotHubHostName"].as_str().unwrap();
    for (name, value) in [
        ("dps.outcome", "assigned"),
        ("dps.reason", &*answer.reason),
        ("dps.hub", hub),
        ("http.request.method", "POST"),
        ("http.route", "/api/allocate"),
        ("url.path", "/api/allocate"),
        ("http.response.status_code", "200"),
        ("faas.trigger", "http"),
    ] {
        assert_eq!(span.get(name), value, "{name}");
    }
    let request = fixture("individual-tpm-payload");
    let id = &request["deviceRuntimeContext"]["registrationId"];
    assert_eq!(span.get("dps.registration_id"), id.as_str().unwrap());
    assert_eq!(span.get("dps.policy_revision").len(), 64);
    assert_eq!(span.get("faas.invocation_id").len(), 36);
    assert!(!span.get("dps.tenant").is_empty());

    let mut request = secretive();
    request["deviceRuntimeContext"]["payload"]["quarantine"] = true.into();
    assert_eq!(app.allocate(&request).await.status, 423);
    // Before the end: the host kills the handler without a signal.
    collector
        .until("the metrics", |it| it.metric("dps.decisions").len() == 2)
        .await;
    collector
        .until("both spans", |it| it.spans(ALLOCATE).len() == 2)
        .await;
    app.stop(Stop::Host).await;

    let spans = collector.spans(ALLOCATE);
    assert_eq!(spans.len(), 2, "{spans:?}");
    let refused = &spans[1];
    assert_eq!(refused.status, 0, "a refusal is not an error: {refused:?}");
    assert_eq!(refused.get("dps.reason"), "refusedByRule");
    assert!(!refused.get("dps.tenant").is_empty(), "{refused:?}");
    assert_eq!(refused.get("error.type"), "");
    check_metrics(&collector);
    check_refresh(&collector);
    // No value of a secret, which the harness searches for, and no name either.
    for name in ["quarantine", "\"desired\""] {
        assert!(!collector.has_seen(name), "{name} was exported");
    }
    assert!(collector.has_seen("deployment.environment.name"));
}

/// Below the host's own span in the caller's trace: the host puts its id in place of the caller's.
fn check_under_host(span: &Span) {
    assert_eq!(&*span.trace, TRACE);
    assert_eq!(span.parent.len(), 16, "{span:?}");
    assert_ne!(&*span.parent, CALLER);
}

fn check_metrics(collector: &Collector) {
    let decisions = collector.metric("dps.decisions");
    let outcomes = decisions
        .iter()
        .map(|it| (&*it["dps.outcome"], &*it["value"]));
    let outcomes: BTreeMap<_, _> = outcomes.collect();
    assert_eq!(
        outcomes,
        BTreeMap::from([("assigned", "1"), ("refused", "1")])
    );
    let statuses = collector.metric("http.server.request.duration");
    let statuses = statuses
        .iter()
        .map(|it| it["http.response.status_code"].clone());
    let mut statuses: Vec<_> = statuses.collect();
    statuses.sort();
    assert_eq!(statuses, ["200", "423"]);
    assert_eq!(
        collector.metric("dps.policy.info")[0]["dps.policy_revision"].len(),
        64
    );
    assert_eq!(collector.metric("dps.policy.age").len(), 1);
    let memory: u64 = collector.metric("process.memory.usage")[0]["value"]
        .parse()
        .unwrap();
    assert!(memory > 1_000_000, "{memory}");
    let calls = collector.metric("dps.store.calls");
    assert!(
        calls
            .iter()
            .any(|it| it["db.operation.name"] == "read_tables"),
        "{calls:?}"
    );
}

/// The first look is a trace of its own, and a folder is no other service.
fn check_refresh(collector: &Collector) {
    let looks = collector.spans("refresh policy");
    assert_eq!(looks.len(), 1, "{looks:?}");
    assert_eq!((looks[0].kind, &*looks[0].parent), (1, ""));
    assert_eq!(looks[0].get("dps.outcome"), "taken");
    assert!(collector.spans("read_tables").is_empty());
}

#[tokio::test]
async fn one_allocation_is_one_trace_over_http() {
    one_allocation_is_one_trace("http/protobuf").await;
}

#[tokio::test]
async fn one_allocation_is_one_trace_over_grpc() {
    one_allocation_is_one_trace("grpc").await;
}

#[tokio::test]
async fn what_is_not_sampled_is_exported_when_it_is_refused() {
    let collector = Collector::start(Mood::Takes).await;
    let url = collector.url();
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*url)];
    let root = ScriptRoot::new();
    let app = Runtime::alone(&root, &settings).await;
    let app = app.with_header("traceparent", &format!("00-{TRACE}-{CALLER}-00"));
    assert_eq!(app.allocate(&secretive()).await.status, 200);
    let mut request = secretive();
    request["deviceRuntimeContext"]["payload"]["quarantine"] = true.into();
    assert_eq!(app.allocate(&request).await.status, 423);
    collector
        .until("the refusal", |it| !it.spans(ALLOCATE).is_empty())
        .await;
    let spans = collector.spans(ALLOCATE);
    let reasons: Vec<_> = spans.iter().map(|it| it.get("dps.reason")).collect();
    assert_eq!(reasons, ["refusedByRule"]);
    assert_eq!((&*spans[0].trace, &*spans[0].parent), (TRACE, CALLER));
}

#[tokio::test]
async fn wrong_settings_are_named_before_anything_starts() {
    let root = ScriptRoot::new();
    let output = std::process::Command::new(root.handler())
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:secret@127.0.0.1")
        .env("APPLICATIONINSIGHTS_CONNECTION_STRING", "secret")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(64));
    let text = String::from_utf8(output.stderr).unwrap();
    for name in [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
    ] {
        assert!(text.contains(name), "{text}");
    }
    assert!(!text.contains("secret"), "{text}");
}
