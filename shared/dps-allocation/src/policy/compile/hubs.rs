//! The `hubs` table.

use super::compiler::Compiler;
use super::windows;
use crate::finding::Place;
use crate::geo;
use crate::hash::weight;
use crate::hub_name::HubName;
use crate::policy::model::{Hub, MAX_HUBS, RegionIndex};
use crate::schema::{Column, TableName};
use crate::tables::{CanonicalRow, items};

/// Adds the hubs in host-name order, with their pools and regions.
pub(super) fn compile(compiler: &mut Compiler<'_>) {
    let rows = compiler.rows;
    if rows.len(TableName::Hubs) > MAX_HUBS {
        let rule = format!("there are more than {MAX_HUBS} hubs");
        let help = "split the policy, one for each Device Provisioning Service";
        let place = Place::table(TableName::Hubs);
        compiler.findings.push(place.error(rule, help));
    }
    let help = "add a row for each hub that DPS may answer with";
    compiler.no_row(TableName::Hubs, "there is no hub", help);
    for row in rows.rows(TableName::Hubs).take(MAX_HUBS) {
        let hub = hub(compiler, &row);
        // The key was parsed as a host name before, when its canonical form was written.
        let name = HubName::parse(row.key()).ok();
        let Some(index) = name.and_then(|name| compiler.hubs.add(&name, hub)) else {
            continue;
        };
        for pool in row.get(Column::Pools).into_iter().flat_map(items) {
            compiler.pools.entry(pool).or_default().insert(index);
        }
        if row.get(Column::Tenants).is_some() {
            let allowed = compiler.allowed_tenants(&row);
            // The consequences of unknown tenants are not reported too.
            if allowed.listed().is_some_and(|listed| !listed.is_empty()) {
                compiler.hubs.reserved.insert(index);
                compiler.reserved.push((index, allowed));
            }
        }
    }
}

fn hub<'c>(compiler: &mut Compiler<'c>, row: &CanonicalRow<'c>) -> Hub {
    let region = row.get(Column::Region);
    Hub {
        host: row.key().into(),
        hash: weight::hub_hash(row.key()),
        weight: row.parse(Column::Weight).unwrap_or(1),
        tier: row.parse(Column::Tier).unwrap_or(0),
        state: row.parse(Column::State).unwrap_or_default(),
        window: windows::of_hub(compiler, row),
        region: region.and_then(|region| region_index(compiler, region)),
        region_name: region.map(Into::into),
        point: region.and_then(geo::Point::parse),
        geography: row.get(Column::Geography).map(Into::into),
        profile: row.parse(Column::Profile).unwrap_or_default(),
        namespace: row.get(Column::Namespace).map(Into::into),
        twin: compiler.twin(row, "*"),
    }
}

/// The index of a region, which is new where no hub before is in it.
fn region_index<'c>(compiler: &mut Compiler<'c>, region: &'c str) -> Option<RegionIndex> {
    let next = u16::try_from(compiler.regions.len()).ok()?;
    let index = compiler.regions.entry(region).or_insert(RegionIndex(next));
    Some(*index)
}
