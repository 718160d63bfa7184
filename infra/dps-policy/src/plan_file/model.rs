//! The members of a plan.

use std::path::PathBuf;

use dps_allocation::RevisionPrefix;
use dps_fleet::prediction::Prediction;
use dps_fleet::preview::{Preview, TablesAt};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::base::Fingerprint;
use crate::stated::Assumptions;

/// The format that this version writes and reads.
pub(super) const FORMAT: u32 = 2;

/// What a change was predicted to do, and of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanFile {
    pub(crate) format: u32,
    pub(crate) written_at: Timestamp,
    /// What the tables must hold when the plan is pushed.
    pub(crate) from: Tables,
    /// What the folder must hold.
    pub(crate) to: Tables,
    pub(crate) device_rows: DeviceRows,
    pub(crate) fleet: Fleet,
    /// What was assumed of devices.
    pub(crate) assumed: Assumptions,
    #[serde(flatten)]
    pub(crate) prediction: Prediction,
}

/// Rows of `devices`, which are in no revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeviceRows {
    /// What the tables must hold when the plan is pushed; `None` if no enrollment asks for them.
    pub(crate) stored: Option<Fingerprint>,
    /// What the folder must hold; `None` if the push is to leave them alone.
    pub(crate) pushed: Option<Fingerprint>,
}

/// Tables at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tables {
    /// As the operator called them.
    pub(crate) source: String,
    /// All digits.
    #[serde(deserialize_with = "whole")]
    pub(crate) revision: RevisionPrefix,
    /// When devices register.
    pub(crate) at: Timestamp,
}

/// Whose devices were decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Fleet {
    /// This number of devices, made from the tables.
    Synthetic(u64),
    Files(Vec<FleetFile>),
}

/// A list of devices as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FleetFile {
    /// Absolute, since a push may run elsewhere.
    pub(crate) name: PathBuf,
    pub(crate) bytes: u64,
    /// Hex digits, of the file as it is: compressed, if it is.
    pub(crate) sha256: String,
}

impl PlanFile {
    pub(crate) fn new(
        found: &Preview,
        assumed: Assumptions,
        device_rows: DeviceRows,
        fleet: Fleet,
    ) -> Self {
        Self {
            format: FORMAT,
            written_at: Timestamp::now(),
            from: Tables::from(&found.from),
            to: Tables::from(&found.to),
            device_rows,
            fleet,
            assumed,
            prediction: Prediction::of(found),
        }
    }
}

impl From<&TablesAt> for Tables {
    fn from(tables: &TablesAt) -> Self {
        Self {
            source: tables.source.clone(),
            revision: tables.revision.into(),
            at: tables.at,
        }
    }
}

fn whole<'de, D: Deserializer<'de>>(text: D) -> Result<RevisionPrefix, D::Error> {
    let text = String::deserialize(text)?;
    let revision = text.parse().ok().filter(RevisionPrefix::is_whole);
    let rule = || format!("`{text}` is not a whole revision of 64 digits");
    revision.ok_or_else(|| de::Error::custom(rule()))
}
