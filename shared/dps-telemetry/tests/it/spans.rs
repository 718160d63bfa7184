//! Which spans are exported, and below which other.

use std::convert::Infallible;

use dps_telemetry::{Decided, Operation, Outcome, PollOutcome, Telemetry};
use http::HeaderMap;

use crate::receiver::{Receiver, texts};
use crate::recorded::{ASSIGNED, LONG, REFUSED, allocate, started};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

const UNAVAILABLE: Decided<'_> = Decided {
    outcome: Outcome::Unavailable,
    reason: "noPolicy",
    hub: None,
    ..ASSIGNED
};

fn sampling(receiver: &Receiver, sampler: &str) -> Telemetry {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", &*receiver.url());
    started(&[endpoint, ("OTEL_TRACES_SAMPLER", sampler)])
}

/// The names of all spans that were exported, all of them marked as sampled.
#[track_caller]
fn check(telemetry: &Telemetry, receiver: &Receiver, expected: &[&str]) {
    telemetry.flush(LONG);
    let spans = receiver.spans();
    let names: Vec<_> = spans.iter().map(|it| &*it.name).collect();
    assert_eq!(names, expected);
    assert!(spans.iter().all(|it| it.flags & 1 == 1), "{spans:?}");
}

/// One request, for which the row of the device is read.
async fn with_row(telemetry: &Telemetry, decided: &Decided<'_>, row: Result<(), ()>) {
    let mut allocation = telemetry.allocation(&HeaderMap::new());
    let _row = allocation
        .read_device_row(async { row }, |()| "access")
        .await;
    allocation.decided(decided);
    allocation.end("/api/allocate", 200, None);
}

async fn poll(telemetry: &Telemetry, call: Result<(), ()>, outcome: PollOutcome) {
    let mut poll = telemetry.poll(true);
    let _read = poll
        .call(Operation::Fingerprint, async { call }, |()| "access")
        .await;
    poll.end(outcome, None);
}

const ALLOCATE: &str = "POST /api/allocate";
const POLL: &str = "refresh policy";

#[test]
fn refusals_and_failures_are_exported_whatever_the_sampling_says() {
    let receiver = Receiver::start(true);
    let telemetry = sampling(&receiver, "always_off");
    for decided in [ASSIGNED, REFUSED, UNAVAILABLE, ASSIGNED] {
        allocate(&telemetry, &decided);
    }
    check(&telemetry, &receiver, &[ALLOCATE; 2]);
    let reasons = receiver.spans();
    let reasons: Vec<_> = reasons.iter().map(|it| texts(it)["dps.reason"]).collect();
    assert_eq!(reasons, ["refusedByRule", "noPolicy"]);
}

#[tokio::test]
async fn the_row_of_a_device_is_exported_with_its_request() {
    let receiver = Receiver::start(true);
    let telemetry = sampling(&receiver, "always_off");
    with_row(&telemetry, &ASSIGNED, Ok(())).await;
    check(&telemetry, &receiver, &[]);
    with_row(&telemetry, &REFUSED, Ok(())).await;
    check(&telemetry, &receiver, &["read_device", ALLOCATE]);
    let spans = receiver.spans();
    assert_eq!(spans[0].trace_id, spans[1].trace_id);
    assert_eq!(spans[0].parent_span_id, spans[1].span_id);
    with_row(&telemetry, &ASSIGNED, Err(())).await;
    let failed = ["read_device", ALLOCATE, "read_device"];
    check(&telemetry, &receiver, &failed);
}

#[tokio::test]
async fn a_poll_that_finds_nothing_is_not_exported() {
    let receiver = Receiver::start(true);
    let telemetry = sampling(&receiver, "always_on");
    poll(&telemetry, Ok(()), PollOutcome::Unchanged).await;
    check(&telemetry, &receiver, &[]);
    poll(&telemetry, Ok(()), PollOutcome::Installed).await;
    check(&telemetry, &receiver, &["fingerprint", POLL]);
    poll(&telemetry, Err(()), PollOutcome::Unchanged).await;
    let failed = ["fingerprint", POLL, "fingerprint", POLL];
    check(&telemetry, &receiver, &failed);
}

#[tokio::test]
async fn a_poll_that_is_refused_or_fails_is_exported_whatever_the_sampling_says() {
    let receiver = Receiver::start(true);
    let telemetry = sampling(&receiver, "always_off");
    poll(&telemetry, Ok(()), PollOutcome::Installed).await;
    check(&telemetry, &receiver, &[]);
    poll(&telemetry, Ok(()), PollOutcome::Refused).await;
    poll(&telemetry, Err(()), PollOutcome::Failed).await;
    let all = ["fingerprint", POLL, "fingerprint", POLL];
    check(&telemetry, &receiver, &all);
    assert_eq!(receiver.counts("dps.policy.rejected"), [1]);
}

/// The id of the trace that a request with this header belongs to.
#[track_caller]
fn check_trace(telemetry: &Telemetry, traceparent: &str, expected: Option<&str>) {
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", traceparent.parse().unwrap());
    let trace = telemetry.allocation(&headers).trace_id();
    assert_eq!(trace.as_deref(), expected, "{traceparent}");
}

#[test]
fn a_request_belongs_to_the_trace_of_its_caller() {
    let nothing_exported = Telemetry::default();
    let caller = format!("00-{TRACE}-00f067aa0ba902b7-00");
    check_trace(&nothing_exported, &caller, Some(TRACE));
    check_trace(&nothing_exported, "00-nothing", None);
    let unsampled = format!("00-{}-00f067aa0ba902b7-00", "0".repeat(32));
    check_trace(&nothing_exported, &unsampled, None);
    let receiver = Receiver::start(true);
    let telemetry = sampling(&receiver, "always_off");
    check_trace(&telemetry, &caller, Some(TRACE));
    let headers = HeaderMap::new();
    let begun = telemetry.allocation(&headers).trace_id();
    assert_eq!(begun.unwrap().len(), 32);
}

#[tokio::test]
async fn calls_are_answered_where_nothing_is_exported() {
    let telemetry = Telemetry::default();
    let mut allocation = telemetry.allocation(&HeaderMap::new());
    let row = async { Ok::<_, Infallible>(7) };
    assert_eq!(allocation.read_device_row(row, |_| "never").await, Ok(7));
    let mut poll = telemetry.poll(true);
    let tables = async { Err::<(), _>(7) };
    let tables = poll.call(Operation::ReadTables, tables, |_| "access");
    assert_eq!(tables.await, Err(7));
}
