//! What is asked of a log.

use dps_allocation::RevisionPrefix;
use jiff::Timestamp;

use crate::prediction::Prediction;
use crate::preview::Assumed;

/// Which prediction is compared, and with which lines of a log.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The revision that was predicted.
    pub revision: &'a RevisionPrefix,
    /// When it was; earlier decisions by the revision are of another time that it was in use.
    pub since: Timestamp,
    /// When the revision was pushed again.
    pub until: Option<Timestamp>,
    /// What was predicted.
    pub prediction: &'a Prediction,
    /// What was assumed of devices.
    pub assumed: &'a Assumed,
}
