//! Who moves: by weights only who must, by rollouts only members, and a member stays one.

use dps_allocation::{AssignedReason, Decision, Policy};
use proptest::prelude::*;

use super::generate::{Fleet, GROUPS, Rollout, Window, device, fleet, rollout};
use super::registration::{Asked, Spelling, asked};

/// The answer, if there is one, and whether the device stays.
fn hub(policy: &Policy, asked: &Asked) -> Option<(String, bool)> {
    asked.decide(policy, Spelling::Lower, |decision| match decision {
        Decision::Assigned(assignment) => {
            let stays = assignment.reason == AssignedReason::Stay;
            Some((assignment.hub.to_owned(), stays))
        }
        _ => None,
    })
}

fn read(fleet: &Fleet) -> Option<Policy> {
    Policy::read(&fleet.tables()).policy
}

/// A weight edit: which hub, and its new weight.
fn edit() -> impl Strategy<Value = (prop::sample::Index, u16)> {
    (any::<prop::sample::Index>(), 0..6_u16)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_weight_edit_moves_devices_only_from_and_to_that_hub(
        fleet in fleet(),
        askeds in prop::collection::vec(asked(), 30),
        (edited, weight) in edit(),
    ) {
        let before = fleet.policy();
        let mut fleet = fleet;
        let edited = edited.index(fleet.hubs.len());
        let was = std::mem::replace(&mut fleet.hubs[edited].weight, weight);
        // A hub that gets or loses its weight comes or goes: the nearest hub may be another, and a device
        // that nobody can locate is placed once one hub only is left.
        let ignores_the_others = fleet.tenants.iter().all(|it| it.tolerance == 0 && it.without_location == "weighted");
        prop_assume!((was == 0) == (weight == 0) || ignores_the_others);
        let Some(after) = read(&fleet) else { return Ok(()) };
        let edited = super::generate::host(edited);
        for asked in askeds {
            let (Some((before, _)), Some((after, _))) = (hub(&before, &asked), hub(&after, &asked)) else {
                continue;
            };
            prop_assert!([&before, &after].contains(&&edited) || before == after, "{before} {after} {asked:?}");
        }
    }

    #[test]
    fn a_weight_edit_moves_no_device_that_has_a_hub(
        mut fleet in fleet(),
        mut askeds in prop::collection::vec(asked(), 30),
        (edited, weight) in edit(),
    ) {
        for tenant in &mut fleet.tenants {
            tenant.on_reprovision = "stay";
        }
        // Such a rollout moves the devices that the hash leads to another hub now.
        for rollout in &mut fleet.rollouts {
            rollout.anew = false;
        }
        let before = fleet.policy();
        let edited = edited.index(fleet.hubs.len());
        fleet.hubs[edited].weight = weight;
        let Some(after) = read(&fleet) else { return Ok(()) };
        for asked in &mut askeds {
            // The hub that it has is the answer of the day before.
            let number = |(host, _): (String, bool)| (0..8).find(|hub| super::generate::host(*hub) == host);
            asked.current = hub(&before, asked).and_then(number);
            let again = hub(&before, asked);
            // A rollout may move it further; what stays, stays whatever the weights.
            if again.as_ref().is_some_and(|(_, stays)| *stays) {
                prop_assert_eq!(again, hub(&after, asked), "{:?}", asked);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_device_that_registers_again_and_again_comes_to_rest(
        mut fleet in fleet(),
        askeds in prop::collection::vec(asked(), 30),
    ) {
        for tenant in &mut fleet.tenants {
            tenant.on_reprovision = "stay";
        }
        let policy = fleet.policy();
        for mut asked in askeds {
            // Each rollout moves it forward once at most, and back once.
            for _ in 0..2 * fleet.rollouts.len() + 2 {
                let number = |(host, _): (String, bool)| (0..8).find(|hub| super::generate::host(*hub) == host);
                asked.current = hub(&policy, &asked).and_then(number).or(asked.current);
            }
            let (last, next) = (asked.current.map(super::generate::host), hub(&policy, &asked));
            prop_assert!(next.as_ref().is_none_or(|(hub, _)| Some(hub) == last.as_ref()),
                "from {last:?} to {next:?}: {asked:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_device_that_is_placed_again_moves_once(
        mut fleet in fleet(),
        one in rollout(3),
        askeds in prop::collection::vec(asked(), 30),
    ) {
        for tenant in &mut fleet.tenants {
            tenant.on_reprovision = "stay";
        }
        fleet.rollouts = vec![Rollout { scope: "*", anew: true, state: "running", ..one }];
        let Some(policy) = read(&fleet) else { return Ok(()) };
        for mut asked in askeds {
            let first = asked.decide(&policy, Spelling::Lower, |decision| match decision {
                Decision::Assigned(it) => Some((it.hub.to_owned(), it.rollout.is_some())),
                _ => None,
            });
            let Some((first, true)) = first else { continue };
            asked.current = (0..8).find(|hub| super::generate::host(*hub) == first);
            prop_assert_eq!(hub(&policy, &asked).map(|(hub, _)| hub), Some(first), "{:?}", asked);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn devices_of_a_group_get_the_same_hub_from_the_same_rollout(mut fleet in fleet(), mut asked in asked()) {
        for tenant in &mut fleet.tenants {
            tenant.groups = true;
        }
        // Pins name ids, so they may split a group; and so may rows.
        for rollout in &mut fleet.rollouts {
            (rollout.include, rollout.exclude) = (None, None);
        }
        (asked.with_row, asked.group) = (false, Some(GROUPS[0]));
        let policy = fleet.policy();
        let mut of = |id: String| {
            asked.id = id;
            asked.decide(&policy, Spelling::Mixed, |decision| match decision {
                Decision::Assigned(it) => Ok((it.hub.to_owned(), it.reason, it.rollout.map(str::to_owned))),
                Decision::Refused(refusal) => Err(refusal.reason),
                Decision::Unavailable(_) => unreachable!("the row was read"),
            })
        };
        let one = of(device(0));
        for number in 1..10 {
            prop_assert_eq!(&of(device(number)), &one);
        }
    }
}

/// Ids that rollouts take, by their share alone.
fn members(fleet: &Fleet, day: u32, hour: u32) -> Vec<bool> {
    let policy = read(fleet).expect("the fleet was read before");
    let taken = |id: String| {
        let mut device = crate::fleet::Device::new(&id).through("group-acme");
        device = device.linked(&["hub-0.azure-devices.net", "hub-1.azure-devices.net"]);
        device
            .at(&format!("2026-12-{day:02}T{hour:02}:00Z"))
            .decide(
                &policy,
                |decision| matches!(decision, Decision::Assigned(it) if it.rollout.is_some()),
            )
    };
    (0..60).map(|n| taken(format!("pump-{n}"))).collect()
}

/// A fleet with this rollout alone, decided by nothing but share and time.
fn only(mut fleet: Fleet, rollout: Rollout) -> Fleet {
    fleet.rules.clear();
    fleet.rows.clear();
    for tenant in &mut fleet.tenants {
        (tenant.pools, tenant.residency, tenant.without_location) = (None, None, "weighted");
        (tenant.narrowed, tenant.hubs) = (None, Vec::new());
    }
    for hub in &mut fleet.hubs {
        (hub.state, hub.window, hub.weight) = ("open", Window::default(), 1);
    }
    let state = "running";
    fleet.rollouts = vec![Rollout {
        to: vec![1],
        cohort: "new",
        from: None,
        when: None,
        state,
        ..rollout
    }];
    fleet
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_rollout_that_grows_never_loses_a_member(
        fleet in fleet(),
        rollout in rollout(2),
        grown in prop::collection::vec(0..50_000_u32, 3),
        moments in prop::collection::btree_set((1..9_u32, 0..24_u32), 1..6),
    ) {
        let fleet = only(fleet, rollout);
        let mut before = vec![false; 60];
        for (day, hour) in &moments {
            let now = members(&fleet, *day, *hour);
            prop_assert!(before.iter().zip(&now).all(|(before, now)| now >= before));
            before = now;
        }
        // An edit that raises shares keeps the members of the same moment.
        let mut larger = fleet.clone();
        for (share, more) in larger.rollouts[0].shares.iter_mut().zip(grown) {
            *share = (*share + more).min(100_000);
        }
        larger.rollouts[0].shares.sort_unstable();
        for (day, hour) in moments {
            let (before, now) = (members(&fleet, day, hour), members(&larger, day, hour));
            prop_assert!(before.iter().zip(&now).all(|(before, now)| now >= before));
        }
    }
}
