//! What a flush sends, and that it ends before a collector does.

use std::thread;
use std::time::Duration;

use dps_telemetry::Telemetry;

use crate::receiver::Receiver;
use crate::recorded::{ASSIGNED, LONG, allocate, started};

/// What one collector is sent: spans and metrics, by OTLP and for Application Insights.
const ALL: [&str; 4] = ["/v1/metrics", "/v1/traces", "/v2/track", "/v2/track"];

/// Exports everything to the receiver, metrics at this interval.
fn exporting(receiver: &Receiver, interval: &str) -> Telemetry {
    let url = receiver.url();
    let key = "00000000-0000-0000-0000-000000000001";
    let connection = format!("InstrumentationKey={key};IngestionEndpoint={url}/");
    started(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", &connection),
        ("OTEL_METRIC_EXPORT_INTERVAL", interval),
    ])
}

#[test]
fn a_flush_sends_what_is_new_and_nothing_else() {
    let receiver = Receiver::start(true);
    let telemetry = exporting(&receiver, "60000");
    telemetry.flush(LONG);
    assert_eq!(receiver.paths(), [""; 0], "nothing is recorded yet");
    allocate(&telemetry, &ASSIGNED);
    telemetry.flush(LONG);
    assert_eq!(receiver.paths(), ALL, "all is there when the flush ends");
    for _ in 0..100 {
        telemetry.flush(LONG);
    }
    assert_eq!(receiver.paths(), ALL);
    allocate(&telemetry, &ASSIGNED);
    telemetry.flush(LONG);
    assert_eq!(receiver.paths().len(), 2 * ALL.len());
}

/// It hangs where the limit does not hold: the collector answers only after the flushes.
#[test]
fn a_flush_ends_although_the_collector_does_not_answer() {
    let receiver = Receiver::start(false);
    let url = receiver.url();
    let telemetry = started(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &url),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "60000"),
    ]);
    for _ in 0..10 {
        allocate(&telemetry, &ASSIGNED);
        telemetry.flush(Duration::from_millis(10));
    }
    receiver.wait_for(2);
    assert_eq!(receiver.paths(), ["/v1/metrics", "/v1/traces"]);
    receiver.answer();
    while receiver.spans().len() < 10 || receiver.counts("dps.decisions") != [10] {
        telemetry.flush(LONG);
    }
}

/// It hangs where one destination waits for the other: the collector answers nothing.
#[test]
fn a_collector_that_hangs_does_not_hold_up_another_destination() {
    let (hanging, insights) = (Receiver::start(false), Receiver::start(true));
    let key = "00000000-0000-0000-0000-000000000001";
    let connection = format!(
        "InstrumentationKey={key};IngestionEndpoint={}/",
        insights.url()
    );
    let telemetry = started(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &hanging.url()),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "60000"),
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", &connection),
        ("OTEL_METRIC_EXPORT_INTERVAL", "3600000"),
    ]);
    allocate(&telemetry, &ASSIGNED);
    telemetry.flush(Duration::from_millis(10));
    insights.wait_for(2);
    assert_eq!(insights.paths(), ["/v2/track", "/v2/track"]);
}

/// It hangs where the end waits for the collector.
#[test]
fn the_end_does_not_wait_for_a_collector_that_does_not_answer() {
    let receiver = Receiver::start(false);
    let telemetry = exporting(&receiver, "60000");
    allocate(&telemetry, &ASSIGNED);
    drop(telemetry);
    receiver.wait_for(1);
    receiver.answer();
}

#[test]
fn nothing_is_flushed_where_the_sdk_is_disabled() {
    let receiver = Receiver::start(true);
    let telemetry = started(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url()),
        ("OTEL_SDK_DISABLED", "true"),
    ]);
    allocate(&telemetry, &ASSIGNED);
    telemetry.flush(LONG);
    drop(telemetry);
    assert_eq!(receiver.paths(), [""; 0]);
}

#[test]
fn spans_leave_by_themselves_and_metrics_do_not() {
    let receiver = Receiver::start(true);
    let telemetry = exporting(&receiver, "60000");
    allocate(&telemetry, &ASSIGNED);
    receiver.wait_for(2);
    // Metrics are due once a minute, half a minute after the spans at the earliest.
    assert_eq!(receiver.paths(), ["/v1/traces", "/v2/track"]);
}

#[test]
fn metrics_leave_by_themselves_when_something_has_changed() {
    let receiver = Receiver::start(true);
    let telemetry = exporting(&receiver, "100");
    for recorded in 1..=3 {
        allocate(&telemetry, &ASSIGNED);
        receiver.wait_for(recorded * ALL.len());
        // As many intervals as it takes to see that nothing more is sent.
        thread::sleep(Duration::from_millis(350));
        assert_eq!(receiver.paths().len(), recorded * ALL.len());
    }
}
