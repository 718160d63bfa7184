//! The `devices` table, where it comes with the policy.

use super::build::Build;
use crate::hubs::HubIndex;
use crate::names::Names;
use crate::tables::{Column, TableName};

/// The sales record of one device; its names refer to the policy that it was read with.
#[derive(Clone, Copy, Debug)]
pub struct DeviceRow {
    pub(crate) tenant: Option<u32>,
    pub(crate) location: Option<u32>,
    pub(crate) hub: Option<HubIndex>,
    pub(crate) twin: Option<u32>,
}

/// All device rows.
#[derive(Debug, Default)]
pub(crate) struct Devices {
    ids: Names,
    rows: Vec<DeviceRow>,
}

impl Devices {
    pub(crate) fn find(&self, id: &str) -> Option<DeviceRow> {
        self.rows.get(self.ids.number(id)? as usize).copied()
    }
}

pub(super) fn build(build: &mut Build<'_>) -> Devices {
    let mut devices = Devices::default();
    for row in build.rows.rows(TableName::Devices) {
        let tenant = row.get(Column::Tenant);
        let number = tenant.and_then(|tenant| build.tenant_ids.number(tenant));
        if let (Some(tenant), None) = (tenant, number) {
            let rule = format!("tenant `{tenant}` is not in the tenants table");
            build.error(
                &row,
                Column::Tenant,
                rule,
                "add the tenant or correct its id",
            );
        }
        devices.ids.add(row.partition());
        devices.rows.push(DeviceRow {
            tenant: number,
            location: build.location(&row),
            hub: build.hub(&row),
            twin: build.twin(&row, tenant.unwrap_or("*")),
        });
    }
    devices.ids.shrink();
    devices.rows.shrink_to_fit();
    devices
}
