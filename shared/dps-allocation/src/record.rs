//! One decision as the log holds it: enough to decide again, and nothing that no log may hold.
//!
//! The webhook writes one as a line of JSON; `explain --log` and whatever else decides again read
//! it. Members that a newer version has added are ignored.

mod again;
mod model;

pub use again::RecordError;
pub use model::{
    AbsentRow, AttestationKind, DecisionRecord, RecordedDevice, RecordedEnrollment, RecordedRow,
    Withheld,
};
