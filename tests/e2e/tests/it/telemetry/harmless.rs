//! A collector that does not take what it is sent harms nobody.

use std::sync::Arc;
use std::time::Duration;

use e2e::{Collector, Load, Mood, Runtime, ScriptRoot, fixture};
use functions_host::{Auth, Stop};

/// Requests are answered as without a collector. How often the log has said that spans cannot be
/// exported.
async fn check_harmless(endpoint: &str, what: &str) -> usize {
    check_harmless_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)], what).await
}

async fn check_harmless_with(endpoints: &[(&str, &str)], what: &str) -> usize {
    let mut settings = endpoints.to_vec();
    settings.push(("OTEL_TRACES_SAMPLER", "always_on"));
    settings.push(("OTEL_METRIC_EXPORT_INTERVAL", "200"));
    // A batch that hangs makes no room during the load, however long that takes.
    settings.push(("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "60000"));
    let root = ScriptRoot::new();
    let app = Arc::new(Runtime::stand_in(&root, Auth::Off, &settings).await);
    let request = fixture("group-x509");
    let load = Load::start(&app, &request, 8);
    // More than fit into the queue, beside a batch that is on its way, so that some are dropped.
    app.until("a load", || async { load.answered() > 2500 })
        .await;
    let tally = load.stop().await;
    let failed: Vec<_> = tally.keys().filter(|(status, _)| *status != 200).collect();
    assert!(failed.is_empty(), "{what}: {tally:?}");
    let pid = app.host().handler_pid().expect("a running handler");
    let memory = resident(pid);
    assert!(memory < 64 << 10, "{what}: {memory} KiB");
    let lines = app.lines();
    let warning = "telemetry cannot be exported to=\"OTLP traces\"";
    let warnings = lines.iter().filter(|line| line.contains(warning)).count();
    let app = Arc::into_inner(app).expect("the load has ended");
    app.stop(Stop::Host).await;
    warnings
}

/// In KiB; `VmRSS` of proc(5).
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test]
async fn nobody_waits_for_a_dead_collector() {
    // Port 9, discard: nobody listens.
    assert_eq!(check_harmless("http://127.0.0.1:9", "dead").await, 1);
}

#[tokio::test]
async fn nobody_waits_for_a_collector_that_hangs() {
    let hangs = Collector::start(Mood::Hangs).await;
    let takes = Collector::start(Mood::Takes).await;
    let metrics = format!("{}/v1/metrics", takes.url());
    let endpoints = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*hangs.url()),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &*metrics),
    ];
    check_harmless_with(&endpoints, "hanging").await;
    assert!(hangs.requests() > 0);
    // Spans that find no room are reported.
    takes
        .until("the metric", |it| {
            !it.metric("dps.spans.dropped").is_empty()
        })
        .await;
    let dropped = takes.metric("dps.spans.dropped");
    assert!(dropped[0]["value"] != "0", "{dropped:?}");
}

#[tokio::test]
async fn nobody_waits_for_a_slow_collector() {
    let collector = Collector::start(Mood::Slow(Duration::from_secs(2))).await;
    assert_eq!(check_harmless(&collector.url(), "slow").await, 0);
    assert!(collector.requests() > 0);
}

#[tokio::test]
async fn nobody_waits_for_a_collector_that_refuses() {
    let collector = Collector::start(Mood::Refuses).await;
    assert_eq!(check_harmless(&collector.url(), "refusing").await, 1);
    assert!(collector.requests() > 0);
}
