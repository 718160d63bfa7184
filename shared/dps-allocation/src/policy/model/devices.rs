//! Rows of the `devices` table.

use super::hub_set::HubIndex;
use super::shared::Shared;
use super::tenants::TenantIndex;
use super::twins::Twin;
use crate::schema::DeviceProfile;

/// The row of one device; its names refer to the policy that it was read with.
#[derive(Clone, Copy, Debug)]
pub struct DeviceRow<'a> {
    pub(crate) tenant: Option<TenantIndex>,
    pub(crate) location: Option<&'a str>,
    pub(crate) hub: Option<HubIndex>,
    pub(crate) profile: Option<DeviceProfile>,
    pub(crate) twin: Option<&'a Twin>,
}

/// A [`DeviceRow`] that a policy owns: there may be a million.
#[derive(Debug)]
pub(crate) struct CompactRow {
    pub(crate) tenant: Option<TenantIndex>,
    pub(crate) location: Option<Shared<str>>,
    pub(crate) hub: Option<HubIndex>,
    pub(crate) profile: Option<DeviceProfile>,
    pub(crate) twin: Option<Twin>,
}

/// All device rows that come with a policy, in the order of their ids.
#[derive(Debug, Default)]
pub(crate) struct Devices(pub(crate) Vec<(Box<str>, CompactRow)>);

impl Devices {
    pub(super) fn find(&self, id: &str) -> Option<DeviceRow<'_>> {
        let at = self.0.binary_search_by(|(known, _)| (**known).cmp(id));
        let (_, row) = self.0.get(at.ok()?)?;
        Some(DeviceRow {
            tenant: row.tenant,
            location: row.location.as_deref(),
            hub: row.hub,
            profile: row.profile,
            twin: row.twin.as_ref(),
        })
    }
}
