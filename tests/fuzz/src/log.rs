//! Lines of the decision log, as people paste them into `explain --log`.

use dps_allocation::{DecisionRecord, Facts, replay};

use crate::{case, most_heap};

#[path = "../../../infra/dps-policy/src/explain/log/find.rs"]
mod find;

/// Finds the decisions in a text, and takes them again with all that the text claims.
pub fn log(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let policy = case::starter();
    most_heap(32, || {
        for decision in find::decisions(&text) {
            let Ok(record) = serde_json::from_str::<DecisionRecord<'_>>(&decision) else {
                continue;
            };
            let (Ok(version), Ok(registration), Ok(row)) =
                (record.version(), record.registration(), record.row())
            else {
                continue;
            };
            let Ok(device) = record.device(policy, row.as_ref()) else {
                continue;
            };
            let now = record.time;
            let facts = Facts { now, device };
            if let Ok(again) = replay(policy, &registration, &facts, version, &record.evidence) {
                assert!(serde_json::to_string(&again).is_ok());
            }
        }
    });
}
