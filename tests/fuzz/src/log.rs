//! Lines of the decision log, as people paste them into `explain --log`.

use std::sync::LazyLock;

use dps_allocation::{DeviceFact, Evidence, Facts, Registration, replay};
use serde::Deserialize;

use crate::{case, most_heap};

#[path = "../../../infra/dps-policy/src/explain/log/find.rs"]
mod find;

const BODY: &str = include_str!("../../fixtures/allocation/individual-tpm-payload.json");

static REGISTRATION: LazyLock<Registration<'static>> =
    LazyLock::new(|| case::must(Registration::parse(BODY.as_bytes()).ok()));

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    evidence: Evidence,
}

/// Finds the decisions in a text, and takes them again with the evidence that the text claims.
pub fn log(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let (policy, registration) = (case::starter(), &*REGISTRATION);
    let now = case::must("2026-11-21T15:00:47Z".parse().ok());
    most_heap(32, || {
        for decision in find::decisions(&text) {
            let Ok(line) = serde_json::from_str::<Line>(&decision) else {
                continue;
            };
            let facts = Facts {
                now,
                device: DeviceFact::Missing,
            };
            if let Ok(again) = replay(policy, registration, &facts, &line.evidence) {
                assert!(serde_json::to_string(&again).is_ok());
            }
        }
    });
}
