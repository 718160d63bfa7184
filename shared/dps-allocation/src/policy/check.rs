//! What only the whole policy can show: tenants nobody can serve, rollouts into a wall, idle rows.

use super::build::table;
use super::faults::Faults;
use super::locations;
use super::profiles;
use super::{Placement, Policy, Rollout, Rule, Tenant};
use crate::finding::{Finding, Place};
use crate::hubs::HubSet;
use crate::tables::{Canonical, Column, TableName};

/// Checks the compiled policy; `twins_named` says for each twin whether a row names it.
///
/// A check names the tables from which it concludes something about rows of another one, and runs
/// only where these have no error. What it says about a row with an error is dropped.
pub(super) fn check(
    policy: &Policy,
    rows: &Canonical,
    faults: &Faults,
    twins_named: &[bool],
    findings: &mut Vec<Finding>,
) {
    use TableName::{Devices, Enrollments, Hubs, Latency, Rollouts, Rules, Tenants};
    let mut run = |from: &[TableName], check: &dyn Fn(&mut Vec<Finding>)| {
        if from.iter().any(|table| faults.in_table(*table)) {
            return;
        }
        let mut found = Vec::new();
        check(&mut found);
        found.retain(|finding| !faults.are_about(finding));
        findings.append(&mut found);
    };
    run(&[Hubs, Rollouts], &|found| {
        check_tenants(policy, rows, found);
    });
    run(&[Hubs, Enrollments, Tenants], &|found| {
        profiles::check(policy, rows, found);
    });
    run(&[Hubs, Tenants], &|found| check_rollouts(policy, found));
    run(&[], &|found| check_rules(policy, faults, found));
    let name_twins = [Hubs, Enrollments, Tenants, Rules, Rollouts, Devices];
    run(&name_twins, &|found| {
        check_twins(policy, rows, twins_named, found);
    });
    run(&[Tenants, Rules], &|found| {
        check_latency(policy, rows, found);
    });
    run(&[Latency], &|found| locations::check(policy, rows, found));
    run(&[Enrollments], &|found| check_devices(policy, found));
}

/// Tenants are checked once for each different settings; the finding names the first such tenant.
///
/// Those with rollouts of their own are checked one by one.
fn check_tenants(policy: &Policy, rows: &Canonical, findings: &mut Vec<Finding>) {
    if policy.hubs.all.is_empty() {
        return;
    }
    let own: Vec<u32> = policy
        .rollouts
        .groups()
        .filter_map(|(tenant, _)| tenant)
        .collect();
    let checked_alone = own
        .iter()
        .filter_map(|tenant| Some((*tenant, policy.tenants.get(*tenant)?)));
    for (tenant, settings) in policy.tenants.different_without(&own).chain(checked_alone) {
        let row = rows.find(TableName::Tenants, "tenant", policy.tenants.id(tenant));
        let mut error = |column: Column, rule: &str, help: &str| {
            findings.extend(row.map(|row| row.place().error(column.as_str(), rule, help)));
        };
        let walls = walls(policy, settings);
        if walls.is_empty() {
            let help = "widen pools or residency, or add a hub that is in both";
            error(
                Column::Pools,
                "pools and residency together leave no hub",
                help,
            );
            continue;
        }
        let targets = rollout_targets(policy, tenant);
        let open = walls.and(policy.hubs.open).without(targets);
        if !open.is_empty() && open.and(policy.hubs.weighted).is_empty() {
            let help = "give at least one of the tenant's open hubs a weight";
            error(
                Column::Pools,
                "every open hub of the tenant has weight 0",
                help,
            );
        }
        if walls.without(policy.hubs.closed).is_empty() {
            let help = "its devices are refused until a hub is open or draining";
            findings.extend(row.map(|row| {
                row.place()
                    .warning("", "every hub of the tenant is closed", help)
            }));
        }
    }
}

/// The hubs that pools and residency leave to a tenant.
pub(super) fn walls(policy: &Policy, tenant: &Tenant) -> HubSet {
    policy
        .hub_set(tenant.pools)
        .and(policy.hub_set(tenant.residency))
}

fn rollout_targets(policy: &Policy, tenant: u32) -> HubSet {
    policy
        .rollouts
        .of(tenant)
        .fold(HubSet::default(), |set, rollout| set.or(rollout.to))
}

/// A rollout must not lead devices out of the geographies that their tenant allows.
fn check_rollouts(policy: &Policy, findings: &mut Vec<Finding>) {
    for (scope, rollouts) in policy.rollouts.groups() {
        for rollout in rollouts {
            let own = scope.and_then(|tenant| Some((tenant, policy.tenants.get(tenant)?)));
            let crossing = match own {
                Some((tenant, settings)) => {
                    let residency = policy.hub_set(settings.residency);
                    (!rollout.to.without(residency).is_empty()).then_some(tenant)
                }
                None => policy
                    .tenants
                    .different()
                    .find(|(_, settings)| crosses(policy, settings, rollout))
                    .map(|(tenant, _)| tenant),
            };
            if let Some(tenant) = crossing {
                let rule = format!(
                    "it moves devices of tenant `{}` across its residency",
                    policy.tenants.id(tenant)
                );
                let help = "name hubs of the same geography in `to`, or limit `from`";
                findings.push(place(&rollout.scope, &rollout.id, rollout.line).error(
                    Column::To.as_str(),
                    rule,
                    help,
                ));
            }
        }
    }
}

/// Whether a rollout for all takes devices of a tenant and offers them no hub within its walls.
fn crosses(policy: &Policy, tenant: &Tenant, rollout: &Rollout) -> bool {
    let walls = walls(policy, tenant);
    let residency = policy.hub_set(tenant.residency);
    let leaves = rollout.from.is_none_or(|from| !from.and(walls).is_empty());
    leaves && residency != policy.hubs.all && rollout.to.and(residency).is_empty()
}

fn place<'a>(scope: &'a str, id: &'a str, line: u32) -> Place<'a> {
    Place {
        table: TableName::Rollouts,
        partition: scope,
        row: id,
        line,
    }
}

/// A rule behind one that always matches, or that asks the same, never decides.
fn check_rules(policy: &Policy, faults: &Faults, findings: &mut Vec<Finding>) {
    for (_, rules) in policy.rules.groups() {
        let whole = |rule: &&Rule| !faults.is_broken(&place_of_rule(rule));
        let rules: Vec<&Rule> = rules.iter().filter(whole).collect();
        for (position, rule) in rules.iter().enumerate() {
            let mut earlier = rules.iter().take(position);
            if let Some(earlier) = earlier.find(|earlier| shadows(earlier, rule)) {
                let rule_broken = format!("rule `{}` always matches first", earlier.name);
                let help = "reorder the rules by their RowKey, or remove one";
                findings.push(place_of_rule(rule).warning("", rule_broken, help));
            }
        }
    }
}

fn place_of_rule(rule: &Rule) -> Place<'_> {
    Place {
        table: TableName::Rules,
        partition: &rule.scope,
        row: &rule.name,
        line: rule.line,
    }
}

fn shadows(earlier: &Rule, later: &Rule) -> bool {
    earlier.when.is_none() || earlier.when == later.when
}

fn check_twins(
    policy: &Policy,
    rows: &Canonical,
    twins_named: &[bool],
    findings: &mut Vec<Finding>,
) {
    // Device rows that are not read with the policy may name any twin.
    let elsewhere = policy.rows(TableName::Devices) == 0 && policy.enrollments.ask_for_devices();
    for (row, named) in rows.rows(TableName::Twins).zip(twins_named) {
        if !named && !elsewhere {
            let help = "name it in a `twin` column, or remove it";
            findings.push(row.place().warning("", "no row names the twin", help));
        }
    }
}

fn check_latency(policy: &Policy, rows: &Canonical, findings: &mut Vec<Finding>) {
    let by_latency = |placement: Option<Placement>| placement == Some(Placement::Latency);
    let used = policy
        .tenants
        .different()
        .any(|(_, tenant)| by_latency(Some(tenant.placement)))
        || policy
            .rules
            .groups()
            .flat_map(|(_, rules)| rules)
            .any(|rule| by_latency(rule.placement));
    if !used && rows.len(TableName::Latency) > 0 {
        let place = table(TableName::Latency);
        let help = "set placement to latency for a tenant or rule, or remove the rows";
        findings.push(place.warning("", "no tenant and no rule uses placement latency", help));
    }
}

fn check_devices(policy: &Policy, findings: &mut Vec<Finding>) {
    if policy.rows(TableName::Devices) > 0 && !policy.enrollments.ask_for_devices() {
        let help = "set deviceRows of an enrollment to optional or required, or remove the rows";
        let place = table(TableName::Devices);
        findings.push(place.warning("", "no enrollment asks for device rows", help));
    }
}
