//! What a change was predicted to do: the part of a preview that is kept to compare it with what
//! happens.
//!
//! It holds counts and no ids, so that it is small whatever the fleet is.

mod bound;
mod model;

use crate::preview::Preview;
pub use model::{LeftOut, Predicted, PredictedLoad, Prediction};

impl Prediction {
    /// The part of a preview that is kept.
    #[must_use]
    pub fn of(found: &Preview) -> Self {
        let it = &found.summary;
        let used = found
            .load
            .iter()
            .filter(|it| it.now + it.before + it.after > 0);
        let load = used.map(|it| PredictedLoad {
            hub: it.hub.clone(),
            now: it.now,
            before: it.before,
            after: it.after,
        });
        let mut prediction = Self {
            summary: Predicted {
                devices: it.devices,
                moved: it.moved,
                refused: it.refused,
                accepted: it.accepted,
                refused_before: it.refused_before,
                under_way: it.under_way,
                undecidable: it.undecidable,
                across_residency: it.across_residency,
                faults: it.faults,
            },
            flows: found.flows.clone(),
            load: load.collect(),
            left_out: None,
        };
        prediction.bound();
        prediction
    }
}
