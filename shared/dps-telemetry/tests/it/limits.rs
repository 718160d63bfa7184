//! What is bounded: spans that wait, and series of metrics.

use dps_telemetry::{Decided, Problem, Telemetry};

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
    let lost = 5000 - 1536;
    let delivery = |name: &str| {
        let all = telemetry.deliveries();
        let one = all.into_iter().find(|it| it.destination == name);
        one.unwrap()
    };
    let before = delivery("OTLP traces");
    assert_eq!((before.last_success, before.outage), (None, None));
    assert_eq!(before.dropped_spans, lost);
    traces.answer();
    telemetry.flush(LONG);
    let after = delivery("OTLP traces");
    assert!(after.last_success.is_some() && after.outage.is_none());
    assert_eq!(delivery("OTLP metrics").dropped_spans, 0);
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

#[test]
fn an_outage_is_told_and_what_it_loses() {
    assert_eq!(Telemetry::default().deliveries(), []);
    let telemetry = started(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")]);
    for _ in 0..2 {
        allocate(&telemetry, &ASSIGNED);
        telemetry.flush(LONG);
    }
    for delivery in telemetry.deliveries() {
        let outage = delivery.outage.unwrap();
        assert_eq!(outage.problem, Problem::NoAnswer, "{delivery:?}");
        assert_eq!(delivery.last_success, None, "{delivery:?}");
        let spans = if delivery.destination == "OTLP traces" {
            2
        } else {
            0
        };
        assert_eq!(delivery.dropped_spans, spans, "{delivery:?}");
    }
}
