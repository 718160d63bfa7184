//! One decision as the log records it: enough to replay it, and nothing that no log may hold.
//!
//! The webhook writes it as a line of JSON; `explain --log` reads it. Unknown members, which a newer
//! version has added, are ignored.

mod model;
mod replay;

pub use model::{
    AbsentRow, DecisionRecord, RecordedDevice, RecordedEnrollment, RecordedRow, RecordedShadow,
    Withheld,
};
pub use replay::RecordError;
