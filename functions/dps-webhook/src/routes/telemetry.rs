//! The member `telemetry` of `GET /api/policy`: how exports go, without addresses and keys.

use std::time::SystemTime;

use dps_telemetry::{Delivery, Telemetry};
use jiff::Timestamp;
use serde::Serialize;

use super::reply::rfc3339;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeliveryDocument {
    destination: &'static str,
    /// When it last accepted something; null: not since the start.
    last_success: Option<String>,
    /// When its exports began to fail, if the last one did.
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
            last_success: delivery.last_success.and_then(written),
            failing_since: outage.and_then(|it| written(it.since)),
            problem: outage.map(|it| it.problem.to_string()),
            dropped_spans: delivery.dropped_spans,
        }
    }
}

/// `None` for a clock that is set to another age.
fn written(time: SystemTime) -> Option<String> {
    Timestamp::try_from(time).ok().map(rfc3339)
}
