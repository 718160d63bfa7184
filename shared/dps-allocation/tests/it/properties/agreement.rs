//! The same answer for every spelling, every order, every unrelated row, and from explain.

use dps_allocation::tables::TableName;
use dps_allocation::{Decision, Policy, Verdict};
use proptest::prelude::*;

use super::generate::{fleet, host};
use super::registration::{Spelling, asked};
use crate::replay::brief;

/// `hub reason rollout`, the hub in lower case, or the reason of a refusal.
fn shown(decision: &Decision<'_>) -> String {
    match decision {
        Decision::Assigned(assignment) => format!(
            "{} {} {:?} {:?} {:?}",
            assignment.hub.to_ascii_lowercase(),
            assignment.reason.as_str(),
            assignment.rollout,
            assignment.twin_effect,
            // It names the hub; one without a row as it is linked.
            assignment
                .payload
                .as_ref()
                .map(|it| it.text().to_ascii_lowercase()),
        ),
        Decision::Refused(refusal) => refusal.reason.as_str().to_owned(),
        Decision::Unavailable(unavailable) => unavailable.as_str().to_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_spelling_does_not_matter(fleet in fleet(), asked in asked()) {
        let policy = fleet.policy();
        let lower = asked.decide(&policy, Spelling::Lower, |decision| shown(&decision));
        for spelling in [Spelling::Upper, Spelling::Mixed] {
            let other = asked.decide(&policy, spelling, |decision| shown(&decision));
            prop_assert_eq!(&lower, &other);
        }
    }

    #[test]
    fn the_order_of_linked_hubs_does_not_matter(fleet in fleet(), asked in asked()) {
        let policy = fleet.policy();
        let mut other = asked.clone();
        other.linked.reverse();
        prop_assert_eq!(asked.shown(&policy), other.shown(&policy));
    }

    #[test]
    fn explain_agrees_with_decide(fleet in fleet(), asked in asked()) {
        let policy = fleet.policy();
        let spelling = Spelling::Mixed;
        let explanation = asked.explain(&policy, spelling);
        let chosen = explanation.hubs.iter().filter(|hub| hub.verdict == Verdict::Chosen);
        let chosen: Vec<&str> = chosen.map(|hub| &*hub.hub).collect();
        asked.decide(&policy, spelling, |decision| {
            match decision {
                Decision::Assigned(assignment) => {
                    let chosen: Vec<String> = chosen.iter().map(|hub| hub.to_ascii_lowercase()).collect();
                    prop_assert_eq!(chosen, [assignment.hub.to_ascii_lowercase()]);
                    prop_assert_eq!(explanation.outcome, "assigned");
                    prop_assert_eq!(explanation.reason, assignment.reason.as_str());
                    prop_assert_eq!(explanation.rollout.as_deref(), assignment.rollout);
                    prop_assert_eq!(explanation.tenant.as_deref(), assignment.tenant);
                    prop_assert_eq!(explanation.twin_effect, Some(assignment.twin_effect));
                    let response = serde_json::to_string(&assignment.response()).unwrap();
                    prop_assert_eq!(explanation.response.map(|it| it.get().to_owned()), Some(response));
                }
                Decision::Refused(refusal) => {
                    prop_assert!(chosen.is_empty());
                    prop_assert_eq!(explanation.outcome, "refused");
                    prop_assert_eq!(explanation.reason, refusal.reason.as_str());
                    prop_assert_eq!(explanation.detail, Some(refusal.detail));
                }
                Decision::Unavailable(_) => prop_assert!(false),
            }
            Ok(())
        })?;
        // A verdict for every hub that is known or linked, once, in the order of host names.
        let mut expected: Vec<String> = (0..fleet.hubs.len()).map(host).collect();
        let unknown = asked.linked.iter().filter(|hub| **hub >= fleet.hubs.len());
        expected.extend(unknown.map(|hub| spelling.of(&host(*hub))));
        let hosts: Vec<&str> = explanation.hubs.iter().map(|hub| &*hub.hub).collect();
        prop_assert_eq!(hosts, expected);
        prop_assert!(explanation.hubs.iter().all(|hub| !hub.because.is_empty()));
        prop_assert!(explanation.decided_by.is_some());
    }

    #[test]
    fn a_replay_repeats_the_decision(fleet in fleet(), asked in asked()) {
        let policy = fleet.policy();
        let explanation = asked.explain(&policy, Spelling::Mixed);
        let replayed = asked.replay(&policy, Spelling::Mixed);
        prop_assert_eq!(brief(&explanation), brief(&replayed));
        prop_assert_eq!(explanation.hubs.len(), replayed.hubs.len());
    }

    #[test]
    fn rows_of_another_tenant_change_nothing(fleet in fleet(), asked in asked()) {
        let mut tables = fleet.tables();
        let mut push = |name: TableName, cells: &[(&str, &str)]| {
            let table = tables.table_mut(name);
            let cells: Vec<(usize, &str)> =
                cells.iter().map(|(column, text)| (table.column(column), *text)).collect();
            table.push(None, cells).unwrap();
        };
        let hub = host(0);
        let keys = |partition, row| [("PartitionKey", partition), ("RowKey", row)];
        let with = |keys: [(&'static str, &'static str); 2], cells: &[(&'static str, &'static str)]| {
            [&keys[..], cells].concat()
        };
        push(TableName::Tenants, &with(keys("tenant", "aaa"), &[("salt", "x"), ("placement", "static")]));
        push(TableName::Enrollments, &with(keys("enrollment", "group-aaa"), &[("tenants", "aaa")]));
        push(TableName::Enrollments, &with(keys("enrollment", "group-a*"), &[("tenants", "aaa")]));
        push(TableName::Rules, &with(keys("aaa", "0"), &[("refuse", "true")]));
        push(TableName::Rules, &with(keys("aaa", "1"), &[("when", "payload.k == 1"), ("twin", "t")]));
        push(TableName::Twins, &with(keys("aaa", "t"), &[("tags", "{\"a\": 1}")]));
        let rollout = keys("aaa", "0");
        push(TableName::Rollouts, &[rollout[0], rollout[1], ("to", &hub), ("steps", "100%")]);
        push(TableName::Latency, &with(keys("abidjan", "westeurope"), &[("milliseconds", "7")]));
        push(TableName::Devices, &with(keys("aaa-1", "device"), &[("tenant", "aaa")]));
        // The new tenant's rollout may leave it without a hub that has a weight.
        let other = Policy::read(&tables).policy;
        prop_assume!(other.is_some());
        let other = other.unwrap();
        prop_assert_eq!(asked.shown(&fleet.policy()), asked.shown(&other));
    }
}
