//! How often what happened, by the names of DPS's metrics.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::log::Attempt;

/// Since the start.
#[derive(Debug, Default)]
pub(crate) struct Metrics(Mutex<Counts>);

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    /// By their outcome.
    registration_attempts: BTreeMap<&'static str, u64>,
    /// By their cause.
    attestation_failures: BTreeMap<String, u64>,
    /// By hub.
    device_assignments: BTreeMap<String, u64>,
}

impl Metrics {
    pub(crate) fn count(&self, attempt: &Attempt<'_>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts
            .registration_attempts
            .entry(attempt.outcome)
            .or_default() += 1;
        if let Some(hub) = attempt.assigned_hub {
            *counts.device_assignments.entry(hub.to_owned()).or_default() += 1;
        }
        if let Some(cause) = attempt.error.filter(|_| attempt.has_failed_attestation) {
            *counts
                .attestation_failures
                .entry(cause.to_owned())
                .or_default() += 1;
        }
    }

    pub(crate) fn shown(&self) -> serde_json::Result<Value> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::to_value(&*counts)
    }
}
