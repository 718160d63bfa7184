//! The members of a plan.

use std::path::PathBuf;

use dps_allocation::RevisionPrefix;
use dps_fleet::preview::{Preview, Summary, TablesAt};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::base::Fingerprint;

/// The format that this version writes and reads.
pub(super) const FORMAT: u32 = 1;

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
    /// The device rows of the folder; none where the preview did not include them.
    pub(crate) devices: Option<Fingerprint>,
    pub(crate) fleet: Fleet,
    pub(crate) summary: Predicted,
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
    /// So many that were made from the tables.
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

/// The numbers of the preview that a push is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Predicted {
    pub(crate) devices: u64,
    pub(crate) moved: u64,
    pub(crate) refused: u64,
    /// Newly accepted.
    pub(crate) accepted: u64,
    pub(crate) undecidable: u64,
    pub(crate) across_residency: u64,
    /// Lines of the fleet that are not devices, of which nothing is predicted.
    pub(crate) faults: u64,
}

impl PlanFile {
    pub(crate) fn new(found: &Preview, devices: Option<Fingerprint>, fleet: Fleet) -> Self {
        Self {
            format: FORMAT,
            written_at: Timestamp::now(),
            from: Tables::from(&found.from),
            to: Tables::from(&found.to),
            devices,
            fleet,
            summary: Predicted::from(&found.summary),
        }
    }

    /// What the history says of a push with the plan, after the reason that somebody gave.
    pub(crate) fn reason(&self, given: Option<&str>) -> String {
        let Predicted { moved, devices, .. } = self.summary;
        let plan = format!("plan: {moved} of {devices} devices move");
        match given {
            Some(given) if !given.is_empty() => format!("{given} ({plan})"),
            _ => plan,
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

impl From<&Summary> for Predicted {
    fn from(summary: &Summary) -> Self {
        Self {
            devices: summary.devices,
            moved: summary.moved,
            refused: summary.refused,
            accepted: summary.accepted,
            undecidable: summary.undecidable,
            across_residency: summary.across_residency,
            faults: summary.faults,
        }
    }
}

fn whole<'de, D: Deserializer<'de>>(text: D) -> Result<RevisionPrefix, D::Error> {
    let text = String::deserialize(text)?;
    let revision: RevisionPrefix = text.parse().map_err(de::Error::custom)?;
    if !revision.is_whole() {
        let rule = format!("`{text}` is not a whole revision of 64 digits");
        return Err(de::Error::custom(rule));
    }
    Ok(revision)
}
