//! The config tables that say what a generated fleet means.

use dps_allocation::Policy;
use dps_allocation::tables::{TableName, Tables};

use super::generate::{
    Condition, Fleet, LOCATIONS, REGIONS, Rollout, Row, Rule, TENANTS, device, host,
};

impl Fleet {
    pub(crate) fn policy(&self) -> Policy {
        Policy::read(&self.tables())
            .policy
            .expect("only good fleets are made")
    }

    /// The config tables that say all this.
    pub(crate) fn tables(&self) -> Tables {
        let mut tables = Tables::default();
        let mut push = |name: TableName, partition: &str, row: &str, cells: &[(&str, String)]| {
            let table = tables.table_mut(name);
            let keys = [
                ("PartitionKey", partition.to_owned()),
                ("RowKey", row.to_owned()),
            ];
            let cells = keys.iter().chain(cells);
            let cells: Vec<(usize, &str)> = cells
                .map(|(column, text)| (table.column(column), text.as_str()))
                .collect();
            table.push(None, cells).unwrap();
        };
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        for (number, hub) in self.hubs.iter().enumerate() {
            let cells = [
                ("pools", hub.pools.join(";")),
                ("geography", text(hub.geography)),
                (
                    "tenants",
                    hub.tenants.as_deref().unwrap_or_default().join(";"),
                ),
                ("region", text(hub.region)),
                ("weight", hub.weight.to_string()),
                ("tier", hub.tier.to_string()),
                ("state", hub.state.to_owned()),
                ("begins", day(hub.window.begins)),
                ("ends", day(hub.window.ends)),
            ];
            push(TableName::Hubs, "hub", &host(number), &cells);
        }
        for (id, tenant) in TENANTS.into_iter().zip(&self.tenants) {
            let cells = [
                ("pools", text(tenant.pools)),
                ("residency", text(tenant.residency)),
                ("placement", tenant.placement.to_owned()),
                ("hub", hosts(&tenant.hubs)),
                ("toleranceMs", tenant.tolerance.to_string()),
                ("withoutLocation", tenant.without_location.to_owned()),
                ("onReprovision", tenant.on_reprovision.to_owned()),
                ("salt", tenant.salt.to_owned()),
                (
                    "groupFrom",
                    if tenant.groups {
                        "payload.g".to_owned()
                    } else {
                        String::new()
                    },
                ),
                ("twin", layer("tenant", tenant.has_twin)),
            ];
            push(TableName::Tenants, "tenant", id, &cells);
            let cells = [
                ("tenants", id.to_owned()),
                ("deviceRows", "optional".to_owned()),
                ("residency", text(tenant.narrowed)),
            ];
            push(
                TableName::Enrollments,
                "enrollment",
                &format!("group-{id}"),
                &cells,
            );
        }
        for (number, rule) in self.rules.iter().enumerate() {
            let cells = rule_cells(number, rule);
            push(TableName::Rules, rule.scope, &format!("{number}"), &cells);
        }
        for (number, rollout) in self.rollouts.iter().enumerate() {
            let cells = rollout_cells(rollout);
            push(
                TableName::Rollouts,
                rollout.scope,
                &format!("{number}"),
                &cells,
            );
        }
        let tags = [("tags", "{\"added\": true}".to_owned())];
        push(TableName::Twins, "*", "added", &tags);
        let rules = (0..self.rules.len()).map(|number| format!("rule-{number}"));
        for name in rules.chain(["tenant", "device"].map(str::to_owned)) {
            let reply = format!("{{\"{name}\": \"${{hub.name}}\", \"last\": \"{name}\"}}");
            push(TableName::Twins, "*", &name, &[("reply", reply)]);
        }
        for (location, region, ms) in &self.latency {
            let cells = [("milliseconds", ms.to_string())];
            push(
                TableName::Latency,
                LOCATIONS[*location],
                REGIONS[*region],
                &cells,
            );
        }
        for (number, row) in self.rows.iter().enumerate() {
            let cells = row_cells(row);
            push(TableName::Devices, &device(number), "device", &cells);
        }
        tables
    }
}

fn hosts(hubs: &[usize]) -> String {
    let hosts: Vec<String> = hubs.iter().copied().map(host).collect();
    hosts.join(";")
}

/// The name of the twin of a row, whose reply names the row; empty if the row has none.
fn layer(name: &str, has_twin: bool) -> String {
    if has_twin {
        name.to_owned()
    } else {
        String::new()
    }
}

fn condition(condition: Option<Condition>) -> String {
    condition.map(Condition::source).unwrap_or_default()
}

fn rule_cells(number: usize, rule: &Rule) -> Vec<(&'static str, String)> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    vec![
        ("mode", rule.mode.to_owned()),
        ("when", condition(rule.when)),
        ("unless", condition(rule.unless)),
        ("begins", day(rule.window.begins)),
        ("ends", day(rule.window.ends)),
        ("pools", text(rule.pools)),
        ("hub", hosts(&rule.hubs)),
        (
            "hubFrom",
            if rule.names { "payload.h" } else { "" }.to_owned(),
        ),
        ("placement", text(rule.placement)),
        ("refuse", rule.refuse.to_string()),
        ("twin", layer(&format!("rule-{number}"), rule.has_twin)),
    ]
}

fn row_cells(row: &Row) -> Vec<(&'static str, String)> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let attributes = |k: u8| format!("{{\"k\": {k}}}");
    vec![
        ("hub", hosts(&row.hubs)),
        ("residency", text(row.residency)),
        ("group", text(row.group)),
        ("attributes", row.k.map(attributes).unwrap_or_default()),
        ("twin", layer("device", row.has_twin)),
    ]
}

fn rollout_cells(rollout: &Rollout) -> Vec<(&'static str, String)> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let to: Vec<String> = rollout.to.iter().copied().map(host).collect();
    vec![
        ("from", rollout.from.map(host).unwrap_or_default()),
        ("to", to.join(",")),
        ("anew", rollout.anew.to_string()),
        (
            "minGainMs",
            rollout
                .min_gain
                .map(|ms| ms.to_string())
                .unwrap_or_default(),
        ),
        ("twin", "added".to_owned()),
        ("cohort", rollout.cohort.to_owned()),
        ("when", condition(rollout.when)),
        ("steps", steps(&rollout.shares)),
        ("ramp", rollout.ramp.to_owned()),
        ("state", rollout.state.to_owned()),
        ("pausedAt", day(Some(rollout.paused_on))),
        ("abortedAt", day(rollout.aborted_on)),
        ("return", rollout.returns.to_string()),
        ("include", text(rollout.include)),
        ("exclude", text(rollout.exclude)),
    ]
}

fn day(day: Option<u32>) -> String {
    day.map_or(String::new(), |day| format!("2026-12-{day:02}"))
}

fn steps(shares: &[u32]) -> String {
    let step = |(day, share): (usize, &u32)| {
        format!(
            "2026-12-{:02}={}.{:03}%",
            day * 2 + 1,
            share / 1000,
            share % 1000
        )
    };
    shares
        .iter()
        .enumerate()
        .map(step)
        .collect::<Vec<_>>()
        .join(" ")
}
