//! What is bounded: spans that wait, and series of metrics.

use dps_telemetry::Decided;

use crate::receiver::{Receiver, texts};
use crate::recorded::{ASSIGNED, LONG, REFUSED, allocate, started};

#[test]
fn spans_beyond_the_queue_are_counted_and_refusals_find_room() {
    let (traces, metrics) = (Receiver::start(false), Receiver::start(true));
    let telemetry = started(&[
        (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            &format!("{}/v1/traces", traces.url()),
        ),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &metrics.url()),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "60000"),
    ]);
    for _ in 0..5000 {
        allocate(&telemetry, &ASSIGNED);
    }
    for _ in 0..100 {
        allocate(&telemetry, &REFUSED);
    }
    traces.answer();
    telemetry.flush(LONG);
    let spans = traces.spans();
    let refused = spans
        .iter()
        .filter(|it| texts(it)["dps.outcome"] == "refused");
    assert_eq!(refused.count(), 100);
    assert_eq!(spans.len(), 1536 + 100);
    allocate(&telemetry, &ASSIGNED);
    telemetry.flush(LONG);
    assert_eq!(traces.spans().len(), spans.len() + 1, "there is room again");
}

#[test]
fn more_tenants_than_series_are_counted_together() {
    let receiver = Receiver::start(true);
    let telemetry = started(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url())]);
    for number in 0..3000 {
        let tenant = format!("tenant-{number}");
        allocate(
            &telemetry,
            &Decided {
                tenant: Some(&tenant),
                ..ASSIGNED
            },
        );
    }
    telemetry.flush(LONG);
    let counts = receiver.counts("dps.decisions");
    assert_eq!(counts.len(), 1001);
    assert_eq!(counts.iter().sum::<u64>(), 3000);
}

#[test]
fn hubs_are_counted_without_regard_to_case() {
    let receiver = Receiver::start(true);
    let telemetry = started(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.url())]);
    for hub in ["Hub-1.azure-devices.net", "hub-1.azure-devices.net"] {
        allocate(
            &telemetry,
            &Decided {
                hub: Some(hub),
                ..ASSIGNED
            },
        );
    }
    telemetry.flush(LONG);
    assert_eq!(receiver.counts("dps.decisions"), [2]);
}
