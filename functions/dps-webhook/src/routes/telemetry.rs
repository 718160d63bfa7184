//! The member `telemetry` of `GET /api/policy`: how exports go, without addresses and keys.

use std::time::SystemTime;

use dps_telemetry::{Delivery, Problem, Telemetry};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeliveryDocument {
    destination: &'static str,
    /// When it last accepted something; null: not since the start.
    last_success: Option<String>,
    /// When its exports began to fail, where the last one did.
    failing_since: Option<String>,
    /// How the last one failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// Spans that were lost since the start.
    dropped_spans: u64,
}

pub(super) fn documents(telemetry: &Telemetry) -> Vec<DeliveryDocument> {
    let deliveries = telemetry.deliveries().into_iter();
    deliveries.map(DeliveryDocument::from).collect()
}

impl From<Delivery> for DeliveryDocument {
    fn from(delivery: Delivery) -> Self {
        let outage = delivery.outage;
        Self {
            destination: delivery.destination,
            last_success: delivery.last_success.and_then(rfc3339),
            failing_since: outage.and_then(|it| rfc3339(it.since)),
            problem: outage.map(|it| match it.problem {
                Problem::Status(status) => format!("status {status}"),
                Problem::NoAnswer => "no answer".to_owned(),
            }),
            dropped_spans: delivery.dropped_spans,
        }
    }
}

/// None for a clock that is set to another age.
fn rfc3339(time: SystemTime) -> Option<String> {
    let time = Timestamp::try_from(time).ok()?;
    Some(format!("{time:.3}"))
}
