//! Rows of the `devices` table.

use super::hub_list::HubList;
use super::hub_set::HubSet;
use super::shared::Shared;
use super::tenants::TenantIndex;
use super::twins::Twin;
use crate::hidden::Hidden;
use crate::schema::DeviceProfile;

/// The row of one device; its names refer to the policy that it was read with.
#[derive(Clone, Copy, Debug)]
pub struct DeviceRow<'a> {
    pub(crate) tenant: Option<TenantIndex>,
    pub(crate) location: Option<&'a str>,
    pub(crate) hubs: HubList,
    pub(crate) profile: Option<DeviceProfile>,
    pub(crate) twin: Option<&'a Twin>,
    pub(crate) residency: Option<Residency<'a>>,
    /// Never blank.
    pub(crate) group: Option<Hidden<&'a str>>,
    /// A JSON object.
    pub(crate) attributes: Option<Hidden<&'a str>>,
}

/// The geographies that a row limits its device to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Residency<'a> {
    /// In the canonical form of a list.
    pub(crate) names: &'a str,
    /// The hubs that are in them.
    pub(crate) hubs: HubSet,
}

impl<'a> DeviceRow<'a> {
    /// The geographies that it limits the device to, in the canonical form of a list.
    #[must_use]
    pub fn residency(&self) -> Option<&'a str> {
        self.residency.map(|residency| residency.names)
    }

    /// Whether it names a group.
    #[must_use]
    pub fn has_group(&self) -> bool {
        self.group.is_some()
    }

    /// Whether it has attributes.
    #[must_use]
    pub fn has_attributes(&self) -> bool {
        self.attributes.is_some()
    }
}

/// A [`DeviceRow`] that a policy owns: there may be a million.
#[derive(Debug)]
pub(crate) struct CompactRow {
    pub(crate) tenant: Option<TenantIndex>,
    pub(crate) location: Option<Shared<str>>,
    pub(crate) hubs: HubList,
    pub(crate) profile: Option<DeviceProfile>,
    pub(crate) twin: Option<Twin>,
    /// None if the row has none of them.
    pub(crate) rare: Option<Box<RareCells>>,
}

/// The cells that few rows have.
#[derive(Debug)]
pub(crate) struct RareCells {
    pub(crate) residency: Option<(Box<str>, HubSet)>,
    pub(crate) group: Option<Hidden<Box<str>>>,
    pub(crate) attributes: Option<Hidden<Box<str>>>,
}

/// All device rows that come with a policy, in the order of their ids.
#[derive(Debug, Default)]
pub(crate) struct Devices(pub(crate) Vec<(Box<str>, CompactRow)>);

impl Devices {
    pub(super) fn find(&self, id: &str) -> Option<DeviceRow<'_>> {
        let at = self.0.binary_search_by(|(known, _)| (**known).cmp(id));
        let (_, row) = self.0.get(at.ok()?)?;
        let rare = row.rare.as_deref();
        Some(DeviceRow {
            tenant: row.tenant,
            location: row.location.as_deref(),
            hubs: row.hubs,
            profile: row.profile,
            twin: row.twin.as_ref(),
            residency: rare
                .and_then(|rare| rare.residency.as_ref())
                .map(|(names, hubs)| Residency { names, hubs: *hubs }),
            group: rare.and_then(|rare| borrowed(rare.group.as_ref())),
            attributes: rare.and_then(|rare| borrowed(rare.attributes.as_ref())),
        })
    }
}

fn borrowed(text: Option<&Hidden<Box<str>>>) -> Option<Hidden<&str>> {
    text.map(|Hidden(text)| Hidden(&**text))
}
