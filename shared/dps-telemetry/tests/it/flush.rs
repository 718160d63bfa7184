//! What a flush sends, and how long it keeps its caller.

use std::ffi::OsString;
use std::thread;
use std::time::{Duration, Instant};

use dps_settings::Environment;
use dps_telemetry::{Decided, Outcome, Settings, Telemetry};

use crate::receiver::Receiver;

/// Longer than anything here takes where it does not wait for a collector that hangs.
const LONG: Duration = Duration::from_mins(1);

/// What one collector is sent: spans and metrics, by OTLP and for Application Insights.
const ALL: [&str; 4] = ["/v1/metrics", "/v1/traces", "/v2/track", "/v2/track"];

/// Exports everything to the receiver.
fn started(receiver: &Receiver) -> Telemetry {
    started_with(receiver, &[])
}

fn started_with(receiver: &Receiver, more: &[(&str, &str)]) -> Telemetry {
    let url = receiver.url();
    let key = "00000000-0000-0000-0000-000000000001";
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url.clone()),
        (
            "APPLICATIONINSIGHTS_CONNECTION_STRING",
            format!("InstrumentationKey={key};IngestionEndpoint={url}/"),
        ),
    ];
    let more = more
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    let settings = settings
        .into_iter()
        .chain(more)
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Telemetry::start(&Environment::new(settings).read(Settings::read).unwrap()).unwrap()
}

fn allocate(telemetry: &Telemetry) {
    let mut told = telemetry.allocation(None);
    told.decided(&Decided {
        outcome: Outcome::Assigned,
        reason: "weighted",
        registration_id: Some("device-01"),
        enrollment_id: Some("factory"),
        tenant: Some("contoso"),
        hub: Some("hub.azure-devices.net"),
        rollout: None,
        policy_revision: None,
    });
    told.end("/api/allocate", 200, None);
}

#[test]
fn a_flush_sends_what_is_new_and_nothing_else() {
    let receiver = Receiver::start(true);
    let telemetry = started(&receiver);
    telemetry.flush(LONG);
    assert_eq!(receiver.paths(), [""; 0], "nothing has been told yet");
    allocate(&telemetry);
    telemetry.flush(LONG);
    assert_eq!(receiver.paths(), ALL, "all is there when the flush ends");
    for _ in 0..1000 {
        telemetry.flush(LONG);
    }
    assert_eq!(receiver.paths(), ALL);
    allocate(&telemetry);
    telemetry.flush(LONG);
    assert_eq!(receiver.paths().len(), 2 * ALL.len());
}

#[test]
fn collectors_that_hang_are_waited_for_together_and_ever_more_briefly() {
    let receiver = Receiver::start(false);
    let telemetry = started(&receiver);
    allocate(&telemetry);
    let limit = Duration::from_secs(1);
    let flush = || {
        let began = Instant::now();
        telemetry.flush(limit);
        began.elapsed()
    };
    let first = flush();
    // Each of them has been asked, though none of them answers.
    receiver.wait_for(ALL.len());
    assert_eq!(receiver.paths(), ALL);
    assert!(first < limit * 3, "one limit for all of them: {first:?}");
    let later: Vec<Duration> = (0..6).map(|_| flush()).collect();
    assert!(later[5] < first / 4, "{first:?} {later:?}");
    assert_eq!(receiver.paths(), ALL, "an export at a time");
}

#[test]
fn nothing_is_flushed_where_nothing_is_exported() {
    let telemetry = Telemetry::default();
    allocate(&telemetry);
    telemetry.flush(LONG);
}

#[test]
fn spans_go_out_by_themselves_and_metrics_do_not() {
    let receiver = Receiver::start(true);
    let telemetry = started(&receiver);
    allocate(&telemetry);
    receiver.wait_for(2);
    // Metrics are due once a minute, half a minute after the spans at the earliest.
    let spans = ["/v1/traces", "/v2/track"];
    assert_eq!(receiver.paths(), spans);
}

#[test]
fn metrics_go_out_by_themselves_when_something_has_changed() {
    let receiver = Receiver::start(true);
    let telemetry = started_with(&receiver, &[("OTEL_METRIC_EXPORT_INTERVAL", "100")]);
    for told in 1..=3 {
        allocate(&telemetry);
        receiver.wait_for(told * ALL.len());
        // As many intervals as it takes to see that nothing more is sent.
        thread::sleep(Duration::from_millis(350));
        assert_eq!(receiver.paths().len(), told * ALL.len());
    }
}
