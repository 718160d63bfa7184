//! All config tables together, checked and compiled for deciding.

mod build;
mod check;
mod devices;
mod enrollments;
mod faults;
mod hub_rows;
mod latency;
mod locations;
mod profiles;
mod rollouts;
mod rules;
mod scoped;
mod tenants;
mod twins;

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::expression::{DeviceView, Expression};
use crate::finding::{Finding, Severity};
use crate::hubs::{HubSet, Hubs};
use crate::names::Names;
use crate::profile::DeviceProfile;
use crate::registration::Registration;
use crate::tables::{Canonical, TableName, Tables};
use crate::twin::{Reply, TwinTemplate};
use crate::weight::PlacementSalt;

pub use devices::{DeviceRecord, DeviceRow};
pub use enrollments::DeviceRows;
pub(crate) use enrollments::{AllowedTenants, EnrollmentRow};
pub(crate) use latency::Latency;
pub(crate) use rollouts::{Cohort, Frozen, Rollout, RolloutState};
pub(crate) use rules::Rule;
pub(crate) use scoped::Scoped;
pub(crate) use tenants::{OnReprovision, Placement, Tenant, TenantState, WithoutLocation};

/// All config tables together, without errors.
#[derive(Debug)]
pub struct Policy {
    revision: Revision,
    rows: [usize; TableName::ALL.len()],
    pub(crate) hubs: Hubs,
    pub(crate) enrollments: enrollments::Enrollments,
    pub(crate) tenants: tenants::Tenants,
    pub(crate) rules: Scoped<Rule>,
    pub(crate) rollouts: Scoped<Rollout>,
    pub(crate) latency: Latency,
    devices: devices::Devices,
    expressions: Vec<Expression>,
    hub_sets: Vec<HubSet>,
    places: Names,
    replies: Vec<Reply>,
    salts: Vec<PlacementSalt>,
    twins: Vec<TwinTemplate>,
    twin_names: twins::TwinNames,
}

/// What reading a set of tables gave.
#[derive(Debug)]
pub struct Reading {
    /// The policy; none when a finding is an error.
    pub policy: Option<Policy>,
    /// Everything that is wrong or looks wrong.
    pub findings: Vec<Finding>,
}

impl Policy {
    /// Checks and compiles the tables; every problem is reported, not the first.
    #[must_use]
    pub fn read(tables: &Tables) -> Reading {
        let (canonical, findings) = Canonical::read(tables);
        let (policy, mut findings) = build::build(&canonical, findings);
        findings.sort_by_key(|finding| (finding.severity, finding.table, finding.line));
        let good = findings
            .iter()
            .all(|finding| finding.severity != Severity::Error);
        Reading {
            policy: good.then_some(policy),
            findings,
        }
    }

    /// The content hash: the same tables give the same revision on every instance.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// How many rows a table has.
    #[must_use]
    pub fn rows(&self, table: TableName) -> usize {
        self.rows.get(table as usize).copied().unwrap_or_default()
    }

    /// Whether deciding about a registration takes the device's row.
    #[must_use]
    pub fn device_rows(&self, registration: &Registration<'_>) -> DeviceRows {
        self.enrollments
            .device_rows(registration.enrollment.id.as_str())
    }

    pub(crate) fn expression(&self, number: u32) -> Option<&Expression> {
        self.expressions.get(number as usize)
    }

    pub(crate) fn hub_set(&self, number: u32) -> HubSet {
        self.hub_sets
            .get(number as usize)
            .copied()
            .unwrap_or_default()
    }

    /// The text of a location that a table names.
    pub(crate) fn place(&self, number: u32) -> &str {
        self.places.text(number)
    }

    pub(crate) fn reply(&self, number: u32) -> Option<&Reply> {
        self.replies.get(number as usize)
    }

    pub(crate) fn salt(&self, number: u32) -> Option<&PlacementSalt> {
        self.salts.get(number as usize)
    }

    pub(crate) fn twin(&self, number: u32) -> Option<&TwinTemplate> {
        self.twins.get(number as usize)
    }

    /// A device's row as expressions see it.
    #[must_use]
    pub fn device_view<'a>(&'a self, row: DeviceRow<'a>) -> DeviceView<'a> {
        DeviceView {
            tenant: row.tenant.map(|tenant| self.tenants.id(tenant)),
            location: row.location,
            hub: row.hub.map(|hub| self.hubs.host(hub)),
            profile: row.profile.map(DeviceProfile::as_str),
        }
    }
}

/// The first 48 bits of the SHA-256 of the canonical rows, shown as 12 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision([u8; 6]);

impl Revision {
    fn of(canonical: &Canonical) -> Self {
        Self(
            canonical
                .digest()
                .first_chunk()
                .copied()
                .unwrap_or_default(),
        )
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is not a revision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a revision; write its 12 hex digits, as history shows them")]
pub struct NotARevision(String);

impl FromStr for Revision {
    type Err = NotARevision;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = (hex && text.len() == 12).then(|| u64::from_str_radix(text, 16).ok());
        let number = number
            .flatten()
            .ok_or_else(|| NotARevision(text.to_owned()))?;
        let [_, _, bytes @ ..] = number.to_be_bytes();
        Ok(Self(bytes))
    }
}

impl Serialize for Revision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
