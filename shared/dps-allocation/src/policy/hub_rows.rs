//! The `hubs` table.

use std::collections::BTreeSet;

use super::build::{Build, number, table};
use crate::hub_name::HubName;
use crate::hubs::{Hub, HubSet, HubState, MAX_HUBS};
use crate::tables::{Column, TableName, items};
use crate::weight;

/// Numbers the hubs in host-name order, and their pools.
pub(super) fn names(build: &mut Build<'_>) {
    let rows = build.rows;
    if rows.len(TableName::Hubs) > MAX_HUBS {
        let rule = format!("there are more than {MAX_HUBS} hubs");
        let help = "split the policy, one for each Device Provisioning Service";
        build
            .findings
            .push(table(TableName::Hubs).error("", rule, help));
    }
    let help = "add a row for each hub that DPS may answer with";
    build.no_row(TableName::Hubs, "there is no hub", help);
    for row in rows.rows(TableName::Hubs).take(MAX_HUBS) {
        // What a row has as its canonical key is a host name.
        let Some(hub) = HubName::parse(row.key())
            .ok()
            .and_then(|name| build.hubs.add(&name))
        else {
            continue;
        };
        for pool in row.get(Column::Pools).into_iter().flat_map(items) {
            build.pools.entry(pool).or_default().insert(hub);
        }
    }
}

/// Reads the rest of each row; needs the twins.
pub(super) fn build(build: &mut Build<'_>) {
    let rows = build.rows;
    for row in rows.rows(TableName::Hubs).take(MAX_HUBS) {
        let state = match row.get(Column::State) {
            Some("draining") => HubState::Draining,
            Some("closed") => HubState::Closed,
            _ => HubState::Open,
        };
        let region = row
            .get(Column::Region)
            .map(|region| build.regions.add(region));
        let hub = Hub {
            hash: weight::hub_hash(row.key()),
            weight: number(&row, Column::Weight, 1),
            tier: number(&row, Column::Tier, 0),
            state,
            region: region.and_then(|region| u16::try_from(region).ok()),
            geography: row.get(Column::Geography).map(Into::into),
            is_mqtt_v5: row.get(Column::Profile) == Some("mqttV5"),
            namespace: row.get(Column::Namespace).map(Into::into),
            twin: build.twin(&row, "*"),
        };
        build.hubs.rows.push(hub);
    }
    let in_state =
        |build: &Build<'_>, state| -> HubSet { build.hubs.matching(|hub| hub.state == state) };
    build.hubs.open = in_state(build, HubState::Open);
    build.hubs.closed = in_state(build, HubState::Closed);
    build.hubs.mqtt_v5 = build.hubs.matching(|hub| hub.is_mqtt_v5);
    build.hubs.weighted = build.hubs.matching(|hub| hub.weight > 0);
    let tiers: BTreeSet<u16> = build.hubs.rows.iter().map(|hub| hub.tier).collect();
    let of_tier = |tier| (tier, build.hubs.matching(|hub| hub.tier == tier));
    build.hubs.tiers = tiers.into_iter().map(of_tier).collect();
}
