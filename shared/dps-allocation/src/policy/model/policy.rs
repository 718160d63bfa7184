//! The compiled policy.

use super::devices::{DeviceRow, Devices};
use super::enrollments::Enrollments;
use super::hubs::Hubs;
use super::latency::Latency;
use super::rollouts::Rollout;
use super::rules::Rules;
use super::scoped::Scoped;
use super::tenants::Tenants;
use super::twins::Twins;
use crate::expression::DeviceView;
use crate::id::RegistrationId;
use crate::registration::Registration;
use crate::revision::Revision;
use crate::schema::{DeviceRows, PerTable, TableName};

/// All config tables together, without errors.
#[derive(Debug)]
pub struct Policy {
    pub(crate) revision: Revision,
    /// How many rows each table has.
    pub(crate) rows: PerTable<usize>,
    pub(crate) hubs: Hubs,
    pub(crate) enrollments: Enrollments,
    pub(crate) tenants: Tenants,
    pub(crate) rules: Rules,
    pub(crate) rollouts: Scoped<Rollout>,
    pub(crate) latency: Latency,
    pub(crate) devices: Devices,
    pub(crate) twins: Twins,
}

impl Policy {
    /// The content hash: the same tables give the same revision on every instance.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// How many rows a table has.
    #[must_use]
    pub fn rows(&self, table: TableName) -> usize {
        *self.rows.get(table)
    }

    /// Whether the `hubs` table has a row for the hub of that host name, by whichever of its names.
    #[must_use]
    pub fn has_hub(&self, host: &str) -> bool {
        self.hubs.find(host).is_some()
    }

    /// Whether a tenant may use a hub, given by either host name: by pools, residency and the hub's own
    /// `tenants`. False where a table has no such row.
    #[must_use]
    pub fn may_use(&self, tenant: &str, host: &str) -> bool {
        let (tenant, hub) = (self.tenants.find(tenant), self.hubs.find(host));
        let usable = tenant.map(|tenant| tenant.settings.usable_hubs());
        usable
            .zip(hub)
            .is_some_and(|(usable, hub)| usable.contains(hub))
    }

    /// The key of the row of `enrollments` that counts for an enrollment: an exact id before globs.
    #[must_use]
    pub fn enrollment_row(&self, id: &str) -> Option<&str> {
        self.enrollments.find(id).map(|(key, _)| key)
    }

    /// Whether a decision about the registration needs the device's row.
    #[must_use]
    pub fn device_rows(&self, registration: &Registration<'_>) -> DeviceRows {
        self.enrollments
            .device_rows(registration.enrollment.id.as_str())
    }

    /// The row of the `devices` table, where the table came with the policy.
    #[must_use]
    pub fn device(&self, id: &RegistrationId<'_>) -> Option<DeviceRow<'_>> {
        self.devices.find(id.as_str())
    }

    /// The hubs that a device's row lists, in order, by their classic host names.
    pub fn device_hubs<'a>(&'a self, row: DeviceRow<'a>) -> impl Iterator<Item = &'a str> {
        row.hubs.iter().map(|hub| self.hubs.host(hub))
    }

    /// A device's row as expressions see it.
    #[must_use]
    pub fn device_view<'a>(&'a self, row: DeviceRow<'a>) -> DeviceView<'a> {
        DeviceView {
            tenant: row.tenant.map(|tenant| self.tenants.get(tenant).id),
            location: row.location,
            hub: self.device_hubs(row).next(),
            profile: row.profile.map(Into::into),
            attributes: row.attributes,
        }
    }
}
