//! The eight config tables.

use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

use super::column::Column;
use super::kind::Kind;
use super::tables;
use crate::words::words;

/// The eight config tables.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr, Serialize, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum TableName {
    /// The IoT hubs, one row each.
    Hubs,
    /// Which tenants an enrollment allows.
    Enrollments,
    /// The tenants and their placement.
    Tenants,
    /// Exceptions: the first rule that matches changes the placement.
    Rules,
    /// Planned, phased movements of a share of devices.
    Rollouts,
    /// Measured round trips from device locations to hub regions.
    Latency,
    /// Initial twin templates.
    Twins,
    /// The sales record: one row a device, read by key.
    Devices,
}

words!(TableName);

impl TableName {
    /// The file of the table in a folder of tables.
    #[must_use]
    pub fn file_name(self) -> String {
        format!("{}.csv", self.as_str())
    }

    /// The columns besides `PartitionKey` and `RowKey`, in the order of the documentation.
    #[must_use]
    pub fn columns(self) -> &'static [(Column, Kind)] {
        match self {
            Self::Hubs => tables::HUBS,
            Self::Enrollments => tables::ENROLLMENTS,
            Self::Tenants => tables::TENANTS,
            Self::Rules => tables::RULES,
            Self::Rollouts => tables::ROLLOUTS,
            Self::Latency => tables::LATENCY,
            Self::Twins => tables::TWINS,
            Self::Devices => tables::DEVICES,
        }
    }

    /// The tables whose rows count into the revision, in the order in which they are hashed, which
    /// never changes: `devices` holds facts about single devices. A new table comes last.
    pub(crate) const IN_REVISION: [Self; 7] = [
        Self::Hubs,
        Self::Enrollments,
        Self::Tenants,
        Self::Rules,
        Self::Rollouts,
        Self::Latency,
        Self::Twins,
    ];

    /// Whether the table's rows count into the revision.
    #[must_use]
    pub fn is_in_revision(self) -> bool {
        Self::IN_REVISION.contains(&self)
    }

    /// How the two keys are read.
    pub(crate) fn keys(self) -> (Kind, Kind) {
        match self {
            Self::Hubs => (Kind::Choice(&["hub"]), Kind::Host),
            Self::Enrollments => (Kind::Choice(&["enrollment"]), Kind::Pattern),
            Self::Tenants => (Kind::Choice(&["tenant"]), Kind::Id),
            Self::Rules | Self::Rollouts => (Kind::Scope, Kind::Text),
            Self::Latency => (Kind::Location, Kind::Location),
            Self::Twins => (Kind::Scope, Kind::Name),
            Self::Devices => (Kind::Id, Kind::Choice(&["device"])),
        }
    }
}
