//! The `devices` table: rows that come with the policy, and rows that are read one by one.

use super::Policy;
use super::build::{no_hub, no_tenant, no_twin};
use super::faults::Faults;
use crate::finding::Finding;
use crate::hubs::HubIndex;
use crate::names::Names;
use crate::profile::DeviceProfile;
use crate::tables::{Canonical, CanonicalRow, Column, Table, TableName, Tables};

/// The sales record of one device; its names refer to the policy that it was read with.
#[derive(Clone, Copy, Debug)]
pub struct DeviceRow<'a> {
    pub(crate) tenant: Option<u32>,
    pub(crate) location: Option<&'a str>,
    pub(crate) hub: Option<HubIndex>,
    pub(crate) profile: Option<DeviceProfile>,
    pub(crate) twin: Option<u32>,
}

/// A row of the `devices` table that a store has read by its key, apart from any policy.
#[derive(Clone, Debug)]
pub struct DeviceRecord(Canonical);

impl DeviceRecord {
    /// Reads a table that has the row of one device and no other.
    ///
    /// # Errors
    /// Every finding about its cells.
    pub fn read(row: Table) -> Result<Self, Vec<Finding>> {
        let mut tables = Tables::default();
        *tables.table_mut(TableName::Devices) = row;
        let (canonical, findings) = Canonical::read(&tables);
        if findings.is_empty() {
            Ok(Self(canonical))
        } else {
            Err(findings)
        }
    }
}

/// All device rows that come with a policy.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    ids: Names,
    rows: Vec<CompactRow>,
}

/// A [`DeviceRow`] without text: there may be a million.
#[derive(Clone, Copy, Debug)]
struct CompactRow {
    tenant: Option<u32>,
    place: Option<u32>,
    hub: Option<HubIndex>,
    profile: Option<DeviceProfile>,
    twin: Option<u32>,
}

impl Policy {
    /// The row of the `devices` table, where the table came with the policy.
    #[must_use]
    pub fn device(&self, id: &crate::RegistrationId<'_>) -> Option<DeviceRow<'_>> {
        let number = self.devices.ids.number(id.as_str())?;
        let row = self.devices.rows.get(number as usize)?;
        Some(DeviceRow {
            tenant: row.tenant,
            location: row.place.map(|place| self.place(place)),
            hub: row.hub,
            profile: row.profile,
            twin: row.twin,
        })
    }

    /// What a row that was read by its key says under this policy; none where it has no row.
    ///
    /// # Errors
    /// Every name of the row that the policy does not know.
    pub fn recorded_device<'a>(
        &'a self,
        record: &'a DeviceRecord,
    ) -> Result<Option<DeviceRow<'a>>, Vec<Finding>> {
        let Some(row) = record.0.rows(TableName::Devices).next() else {
            return Ok(None);
        };
        let mut findings = Vec::new();
        let row = self.resolve(&row, &mut findings);
        if findings.is_empty() {
            Ok(Some(row))
        } else {
            Err(findings)
        }
    }

    /// Finds what the row names; reports what is nowhere.
    fn resolve<'a>(&self, row: &CanonicalRow<'a>, findings: &mut Vec<Finding>) -> DeviceRow<'a> {
        let named = row.get(Column::Tenant);
        let tenant = named.and_then(|named| {
            let known = self.tenants.find(named);
            let unknown = || no_tenant(row, Column::Tenant, named, self.tenants.ids());
            known.or_else(|| report(findings, unknown()))
        });
        // Which twins a row may name depends on its tenant.
        let (scope, is_certain) = match tenant {
            Some(tenant) => (self.tenants.id(tenant), true),
            None => (named.unwrap_or("*"), !row.has(Column::Tenant)),
        };
        DeviceRow {
            tenant,
            location: row.get(Column::Location),
            hub: row.get(Column::Hub).and_then(|host| {
                let known = self.hubs.find(host);
                known.or_else(|| report(findings, no_hub(row, host, &self.hubs)))
            }),
            profile: DeviceProfile::of(row.get(Column::Profile)),
            twin: row.get(Column::Twin).and_then(|name| {
                let known = self.twin_names.find(scope, name);
                let is_unknown = is_certain || !self.twin_names.have(name);
                if known.is_none() && is_unknown {
                    findings.push(no_twin(row, scope, name, &self.twin_names));
                }
                known
            }),
        }
    }
}

fn report<T>(findings: &mut Vec<Finding>, finding: Finding) -> Option<T> {
    findings.push(finding);
    None
}

/// Whether an error elsewhere may be the reason that a column names what is not there.
fn is_hidden(faults: &Faults, column: &str) -> bool {
    let named = [
        (Column::Tenant, TableName::Tenants),
        (Column::Hub, TableName::Hubs),
        (Column::Twin, TableName::Twins),
    ];
    let mut named = named.into_iter();
    named.any(|(it, table)| it.as_str() == column && faults.may_hide(table, Column::RowKey))
}

/// Adds the rows that come with the policy, whose other tables are built.
pub(super) fn build(
    policy: &mut Policy,
    rows: &Canonical,
    faults: &Faults,
    twins_named: &mut [bool],
    findings: &mut Vec<Finding>,
) {
    let mut devices = Devices::default();
    for row in rows.rows(TableName::Devices) {
        let mut unknown = Vec::new();
        let found = policy.resolve(&row, &mut unknown);
        unknown.retain(|finding| !is_hidden(faults, &finding.column));
        findings.append(&mut unknown);
        if let Some(named) = found
            .twin
            .and_then(|twin| twins_named.get_mut(twin as usize))
        {
            *named = true;
        }
        devices.ids.add(row.partition());
        devices.rows.push(CompactRow {
            tenant: found.tenant,
            place: found.location.map(|location| policy.places.add(location)),
            hub: found.hub,
            profile: found.profile,
            twin: found.twin,
        });
    }
    devices.ids.shrink();
    devices.rows.shrink_to_fit();
    policy.devices = devices;
}
