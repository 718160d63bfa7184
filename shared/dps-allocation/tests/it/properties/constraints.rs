//! No decision leaves the constraints, which are computed here once more, from the generated rows.

use std::collections::BTreeSet;

use dps_allocation::{AssignedReason, Decision, RefusedReason};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::generate::{Fleet, Rule, TENANTS, Tenant, fleet, host};
use super::registration::{Asked, Spelling, asked};

/// The rules that apply, in the order of their layers: each with mode also that matches, those of all
/// first, and of the others the first that matches, the tenant's own before those of all.
fn rules<'f>(fleet: &'f Fleet, asked: &Asked) -> Vec<(usize, &'f Rule)> {
    let row = asked.row(&fleet.rows);
    let of = |scope: &'static str, mode: &'static str| {
        let rules = fleet.rules.iter().enumerate();
        rules.filter(move |(_, rule)| {
            rule.scope == scope && rule.mode == mode && rule.matches(asked, row)
        })
    };
    let first = of(asked.tenant, "first").chain(of("*", "first")).take(1);
    let also = of("*", "also").chain(of(asked.tenant, "also"));
    also.chain(first).collect()
}

fn tenant<'f>(fleet: &'f Fleet, asked: &Asked) -> &'f Tenant {
    let number = TENANTS.iter().position(|id| *id == asked.tenant).unwrap();
    &fleet.tenants[number]
}

fn is_refused(fleet: &Fleet, asked: &Asked) -> bool {
    rules(fleet, asked).iter().any(|(_, rule)| rule.refuse)
}

fn is_open(fleet: &Fleet, asked: &Asked, hub: usize) -> bool {
    let hub = fleet.hubs.get(hub);
    hub.is_some_and(|hub| hub.is_open(asked.day()))
}

/// The hubs that may be the answer.
fn within_constraints(fleet: &Fleet, asked: &Asked) -> BTreeSet<usize> {
    let tenant = tenant(fleet, asked);
    let rules = rules(fleet, asked);
    let row = asked.row(&fleet.rows);
    let residency = [
        tenant.residency,
        tenant.narrowed,
        row.and_then(|row| row.residency),
    ];
    let allowed = |number: &usize| {
        let Some(hub) = fleet.hubs.get(*number) else {
            // The device keeps a hub without a row, which is in no pool and has no geography.
            let unlimited = tenant.pools.is_none() && residency == [None; 3];
            let by_rules = rules.iter().any(|(_, rule)| rule.pools.is_some());
            return asked.current == Some(*number) && unlimited && !by_rules;
        };
        let in_pool =
            |pool: Option<&'static str>| pool.is_none_or(|pool| hub.pools.contains(&pool));
        let admits = |tenants: &Vec<&str>| tenants.contains(&asked.tenant);
        let mut residency = residency.into_iter().flatten();
        in_pool(tenant.pools)
            && hub.tenants.as_ref().is_none_or(admits)
            && rules.iter().all(|(_, rule)| in_pool(rule.pools))
            && residency.all(|geography| hub.geography == Some(geography))
            && hub.state != "closed"
    };
    let usable: BTreeSet<usize> = asked.linked.iter().copied().filter(allowed).collect();
    let by_rule = |rule: &Rule| {
        let named = asked
            .named
            .filter(|hub| rule.names && *hub < fleet.hubs.len());
        named.into_iter().chain(rule.hubs.iter().copied()).collect()
    };
    let of_row = row.map(|row| row.hubs.clone());
    let of_rules = rules.iter().map(|(_, rule)| by_rule(rule));
    let mut listed = of_row.into_iter().chain(of_rules);
    let Some(listed) = listed.find(|hubs: &Vec<usize>| !hubs.is_empty()) else {
        return usable;
    };
    // The first that is open or that the device has, else the first of all.
    let usable = listed.into_iter().filter(|hub| usable.contains(hub));
    let accepts = |hub: &usize| is_open(fleet, asked, *hub) || asked.current == Some(*hub);
    let first = usable.clone().next();
    usable.clone().find(accepts).or(first).into_iter().collect()
}

/// The reply of a device on this hub: a member from each layer, and the last of them.
fn reply(fleet: &Fleet, asked: &Asked, hub: &str) -> Option<Value> {
    let rules = rules(fleet, asked);
    let by_tenant = tenant(fleet, asked).has_twin.then(|| "tenant".to_owned());
    let by_rules = rules.iter().filter(|(_, rule)| rule.has_twin);
    let by_rules = by_rules.map(|(number, _)| format!("rule-{number}"));
    let by_row = asked.row(&fleet.rows).filter(|row| row.has_twin);
    let by_row = by_row.map(|_| "device".to_owned());
    let mut reply = serde_json::Map::new();
    for layer in by_tenant.into_iter().chain(by_rules).chain(by_row) {
        reply.insert("last".to_owned(), json!(layer));
        reply.insert(layer, json!(hub));
    }
    (!reply.is_empty()).then_some(Value::Object(reply))
}

/// Whether static placement lists hubs, and none of those that may be the answer and are open.
fn lists_no_open_hub(fleet: &Fleet, asked: &Asked, constraints: &BTreeSet<usize>) -> bool {
    let tenant = tenant(fleet, asked);
    let rules = rules(fleet, asked);
    let by_rule = rules.iter().find_map(|(_, rule)| rule.placement);
    let can_be = |hub: &usize| constraints.contains(hub) && is_open(fleet, asked, *hub);
    by_rule.unwrap_or(tenant.placement) == "static"
        && !tenant.hubs.is_empty()
        && !tenant.hubs.iter().any(can_be)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_decision_leaves_the_constraints(fleet in fleet(), asked in asked()) {
        let constraints = within_constraints(&fleet, &asked);
        let policy = fleet.policy();
        let spelling = Spelling::Mixed;
        asked.decide(&policy, spelling, |decision| match decision {
            Decision::Assigned(assignment) => {
                let answer = (0..8).find(|hub| spelling.of(&host(*hub)) == assignment.hub);
                // Spelled as linked, linked, and within the constraints.
                let answer = answer.expect("a hub that was linked");
                prop_assert!(constraints.contains(&answer), "{answer} {constraints:?}");
                prop_assert_eq!(assignment.tenant, Some(asked.tenant));
                // Draining hubs accept no new devices.
                if asked.current != Some(answer) {
                    prop_assert!(is_open(&fleet, &asked, answer));
                }
                let stays = [AssignedReason::Stay, AssignedReason::StayUnlisted];
                if stays.contains(&assignment.reason) {
                    prop_assert_eq!(asked.current, Some(answer));
                }
                let is_unlisted = answer >= fleet.hubs.len();
                prop_assert_eq!(assignment.reason == AssignedReason::StayUnlisted, is_unlisted);
                prop_assert!(!is_refused(&fleet, &asked));
                let response = serde_json::to_value(assignment.response()).unwrap();
                // A hub without a row is named as it is linked.
                let name = if is_unlisted { assignment.hub.to_owned() } else { host(answer) };
                let expected = reply(&fleet, &asked, &name);
                prop_assert_eq!(response.get("payload"), expected.as_ref());
                Ok(())
            }
            Decision::Refused(refusal) => {
                let open = constraints.iter().any(|hub| is_open(&fleet, &asked, *hub));
                let listed = !lists_no_open_hub(&fleet, &asked, &constraints);
                let kept = asked.current.is_some_and(|hub| constraints.contains(&hub));
                match refusal.reason {
                    RefusedReason::NoEligibleHub => prop_assert!(!(kept || open && listed)),
                    RefusedReason::RefusedByRule => prop_assert!(is_refused(&fleet, &asked)),
                    // Latency without a location.
                    RefusedReason::ClaimMissing => prop_assert!(open),
                    other => prop_assert!(false, "{other:?}"),
                }
                Ok(())
            }
            Decision::Unavailable(_) => {
                prop_assert!(false);
                Ok(())
            }
        })?;
    }

    #[test]
    fn without_rollouts_a_device_keeps_an_eligible_hub(mut fleet in fleet(), asked in asked()) {
        fleet.rollouts.clear();
        for tenant in &mut fleet.tenants {
            tenant.on_reprovision = "stay";
        }
        let reading = dps_allocation::Policy::read(&fleet.tables());
        // Without rollouts, their targets count among the hubs that need a weight.
        prop_assume!(reading.policy.is_some());
        let kept = asked.current.filter(|hub| within_constraints(&fleet, &asked).contains(hub));
        let refused = is_refused(&fleet, &asked);
        let stays = asked.decide(&reading.policy.unwrap(), Spelling::Lower, |decision| {
            let Decision::Assigned(assignment) = decision else { return false };
            [AssignedReason::Stay, AssignedReason::StayUnlisted].contains(&assignment.reason)
        });
        prop_assert_eq!(stays, kept.is_some() && !refused);
    }
}
