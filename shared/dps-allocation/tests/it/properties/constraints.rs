//! No decision leaves the constraints, which are computed here once more, from the generated rows.

use std::collections::BTreeSet;

use dps_allocation::{AssignedReason, Decision, RefusedReason};
use proptest::prelude::*;

use super::generate::{Fleet, Rule, TENANTS, fleet, host};
use super::registration::{Asked, Spelling, asked};

/// The rules that apply: each with mode also that matches, and of the others the first, the
/// tenant's own before those of all.
fn rules<'f>(fleet: &'f Fleet, asked: &Asked) -> Vec<&'f Rule> {
    let matches = |rule: &&Rule| {
        rule.when.is_none_or(|k| asked.k == Some(k))
            && rule.unless.is_none_or(|k| asked.k != Some(k))
    };
    let of = |scope: &'static str| fleet.rules.iter().filter(move |rule| rule.scope == scope);
    let (also, others): (Vec<&Rule>, Vec<&Rule>) = of(asked.tenant)
        .chain(of("*"))
        .filter(matches)
        .partition(|rule| rule.also);
    also.into_iter().chain(others.into_iter().take(1)).collect()
}

fn is_refused(fleet: &Fleet, asked: &Asked) -> bool {
    rules(fleet, asked).iter().any(|rule| rule.refuse)
}

/// The hubs that may be the answer.
fn within_constraints(fleet: &Fleet, asked: &Asked) -> BTreeSet<usize> {
    let tenant = TENANTS.iter().position(|id| *id == asked.tenant).unwrap();
    let tenant = &fleet.tenants[tenant];
    let rules = rules(fleet, asked);
    let allowed = |number: &usize| {
        let Some(hub) = fleet.hubs.get(*number) else {
            // The device keeps a hub without a row, which is in no pool and has no geography.
            let unlimited = tenant.pools.is_none() && tenant.residency.is_none();
            let by_rules = rules.iter().any(|rule| rule.pools.is_some());
            return asked.current == Some(*number) && unlimited && !by_rules;
        };
        let in_pool =
            |pool: Option<&'static str>| pool.is_none_or(|pool| hub.pools.contains(&pool));
        let admits = |tenants: &Vec<&str>| tenants.contains(&asked.tenant);
        in_pool(tenant.pools)
            && hub.tenants.as_ref().is_none_or(admits)
            && rules.iter().all(|rule| in_pool(rule.pools))
            && tenant
                .residency
                .is_none_or(|geography| hub.geography == Some(geography))
            && hub.state != "closed"
    };
    let usable: BTreeSet<usize> = asked.linked.iter().copied().filter(allowed).collect();
    let of_row = asked.hub_of_row(&fleet.device_hubs);
    let of_rule = rules.iter().find(|rule| !rule.hubs.is_empty());
    let listed = match (of_row, of_rule) {
        (Some(hub), _) => vec![hub],
        (None, Some(rule)) => rule.hubs.clone(),
        (None, None) => return usable,
    };
    // The first that is open or that the device has, else the first of all.
    let usable = listed.into_iter().filter(|hub| usable.contains(hub));
    let accepts = |hub: &usize| fleet.hubs[*hub].state == "open" || asked.current == Some(*hub);
    let first = usable.clone().next();
    usable.clone().find(accepts).or(first).into_iter().collect()
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
                    prop_assert_eq!(fleet.hubs[answer].state, "open");
                }
                let stays = [AssignedReason::Stay, AssignedReason::StayUnlisted];
                if stays.contains(&assignment.reason) {
                    prop_assert_eq!(asked.current, Some(answer));
                }
                let is_unlisted = answer >= fleet.hubs.len();
                prop_assert_eq!(assignment.reason == AssignedReason::StayUnlisted, is_unlisted);
                prop_assert!(!is_refused(&fleet, &asked));
                Ok(())
            }
            Decision::Refused(refusal) => {
                let is_open = |hub: &usize| fleet.hubs.get(*hub).is_some_and(|hub| hub.state == "open");
                let open = constraints.iter().any(is_open);
                let kept = asked.current.is_some_and(|hub| constraints.contains(&hub));
                match refusal.reason {
                    RefusedReason::NoEligibleHub => prop_assert!(!open && !kept),
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
