//! How often telling of a request asks for memory, on the thread that answers it; in a program of
//! its own, since it counts every allocation.

#![cfg(test)]

use std::ffi::OsString;

use allocation_counter::measure;
use dps_settings::Environment;
use dps_telemetry::{Decided, Outcome, Settings, Telemetry};

/// Port 9, discard: nobody listens, and nobody waits for that.
const OTLP: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");

const APPLICATION_INSIGHTS: (&str, &str) = (
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:9",
);

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const INVOCATION: &str = "4a0c4f3e-8a6e-4d0c-9f44-0d6f3c8f2b11";

/// Requests after which queues and series have the room that they need.
const WARM_UP: usize = 40;

const ASSIGNED: Decided<'_> = Decided {
    outcome: Outcome::Assigned,
    reason: "weighted",
    registration_id: Some("device-01"),
    enrollment_id: Some("factory"),
    tenant: Some("Contoso"),
    hub: Some("Contoso-WEU-1.azure-devices.net"),
    rollout: Some("contoso/go"),
    policy_revision: Some("7765cd0a39a9"),
};

const REFUSED: Decided<'_> = Decided {
    outcome: Outcome::Refused,
    reason: "refusedByRule",
    hub: None,
    rollout: None,
    ..ASSIGNED
};

fn started(settings: &[(&str, &str)]) -> Telemetry {
    let settings = settings
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Telemetry::start(&Environment::new(settings).read(Settings::read).unwrap()).unwrap()
}

fn tell(telemetry: &Telemetry, decided: &Decided<'_>, status: u16) {
    let mut told = telemetry.allocation(Some(PARENT));
    told.decided(decided);
    told.end("/api/allocate", status, Some(INVOCATION));
}

#[track_caller]
fn check(settings: &[(&str, &str)], decided: &Decided<'_>, status: u16, allocations: u64) {
    let telemetry = started(settings);
    for _ in 0..WARM_UP {
        tell(&telemetry, decided, status);
    }
    let counted = measure(|| tell(&telemetry, decided, status));
    assert_eq!(counted.count_total, allocations, "{decided:?}");
}

#[test]
fn a_span_takes_its_attributes_and_two_ids() {
    check(&[OTLP], &ASSIGNED, 200, 3);
    check(&[OTLP], &REFUSED, 423, 3);
    let individual = Decided {
        enrollment_id: ASSIGNED.registration_id,
        ..ASSIGNED
    };
    check(&[OTLP], &individual, 200, 3);
}

#[test]
fn another_destination_takes_another_list_of_attributes() {
    check(&[OTLP, APPLICATION_INSIGHTS], &ASSIGNED, 200, 4);
}

#[test]
fn what_is_not_exported_takes_nothing() {
    let off = ("OTEL_TRACES_SAMPLER", "always_off");
    check(&[OTLP, off], &ASSIGNED, 200, 0);
    check(&[OTLP, off], &REFUSED, 423, 3);
    check(&[], &REFUSED, 423, 0);
}

#[test]
fn spans_beyond_what_a_second_may_have_take_nothing() {
    let telemetry = started(&[OTLP]);
    let more_than_a_second_may_have = 5000;
    let counted: Vec<u64> = (0..more_than_a_second_may_have)
        .map(|_| measure(|| tell(&telemetry, &ASSIGNED, 200)).count_total)
        .collect();
    assert_eq!(counted.iter().min(), Some(&0));
    // What was refused is exported all the same.
    assert!(measure(|| tell(&telemetry, &REFUSED, 423)).count_total >= 3);
}
