//! No decision leaves the constraints, which are computed here once more, from the generated rows.

use std::collections::BTreeSet;

use dps_allocation::{AssignedReason, Decision, RefusedReason};
use proptest::prelude::*;

use super::generate::{Fleet, Rule, TENANTS, fleet, host};
use super::registration::{Asked, Spelling, asked};

/// The first rule that matches, the tenant's own before those of all.
fn rule<'f>(fleet: &'f Fleet, asked: &Asked) -> Option<&'f Rule> {
    let of = |scope: &'static str| fleet.rules.iter().filter(move |rule| rule.scope == scope);
    let mut rules = of(asked.tenant).chain(of("*"));
    rules.find(|rule| rule.when.is_none_or(|k| asked.k == Some(k)))
}

/// The hubs that may be the answer.
fn within_constraints(fleet: &Fleet, asked: &Asked) -> BTreeSet<usize> {
    let tenant = TENANTS.iter().position(|id| *id == asked.tenant).unwrap();
    let tenant = &fleet.tenants[tenant];
    let rule = rule(fleet, asked);
    let fixed = asked
        .hub_of_row(&fleet.device_hubs)
        .or(rule.and_then(|rule| rule.hub));
    let allowed = |number: &usize| {
        let Some(hub) = fleet.hubs.get(*number) else {
            return false;
        };
        let in_pool =
            |pool: Option<&'static str>| pool.is_none_or(|pool| hub.pools.contains(&pool));
        in_pool(tenant.pools)
            && in_pool(rule.and_then(|rule| rule.pools))
            && tenant
                .residency
                .is_none_or(|geography| hub.geography == Some(geography))
            && fixed.is_none_or(|fixed| fixed == *number)
            && hub.state != "closed"
    };
    asked.linked.iter().copied().filter(allowed).collect()
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
                if assignment.reason == AssignedReason::Stay {
                    prop_assert_eq!(asked.current, Some(answer));
                }
                prop_assert!(!rule(&fleet, &asked).is_some_and(|rule| rule.refuse));
                Ok(())
            }
            Decision::Refused(refusal) => {
                let open = constraints.iter().any(|hub| fleet.hubs[*hub].state == "open");
                let kept = asked.current.is_some_and(|hub| constraints.contains(&hub));
                match refusal.reason {
                    RefusedReason::NoEligibleHub => prop_assert!(!open && !kept),
                    RefusedReason::RefusedByRule => {
                        prop_assert!(rule(&fleet, &asked).is_some_and(|rule| rule.refuse));
                    }
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
        let refused = rule(&fleet, &asked).is_some_and(|rule| rule.refuse);
        let stays = asked.decide(&reading.policy.unwrap(), Spelling::Lower, |decision| {
            let Decision::Assigned(assignment) = decision else { return false };
            assignment.reason == AssignedReason::Stay
        });
        prop_assert_eq!(stays, kept.is_some() && !refused);
    }
}
