//! Step 6: draining hubs accept no new devices, then the lowest tier that has a hub left.

use crate::fleet::{Device, policy, steps, verdicts};

/// What happens to a new device with these hubs: all verdicts, in host-name order.
#[track_caller]
fn check(hubs: &str, expected: &str) {
    let policy = policy(&format!(
        "enrollments: tenants\n group | acme\n tenants:\n acme\n hubs: tier state weight\n{hubs}"
    ));
    let explanation = Device::new("a")
        .linked(&["a.net", "b.net", "c.net"])
        .explained(&policy);
    let reason = explanation.reason;
    assert_eq!(
        format!(
            "{reason}: {}",
            verdicts(&explanation).join(", ").replace(".net", "")
        ),
        expected
    );
}

#[test]
fn the_lowest_tier_gets_all_devices() {
    check(
        "a.net | 1\n b.net | 0\n c.net | 2",
        "weighted: a higherTier, b chosen, c higherTier",
    );
    check(
        "a.net | 7\n b.net | 1000\n c.net | 8",
        "weighted: a chosen, b higherTier, c higherTier",
    );
    check(
        "a.net | 1\n b.net\n c.net | 0",
        "weighted: a higherTier, b chosen, c notDrawn",
    );
}

#[test]
fn a_tier_without_an_open_hub_is_passed_over() {
    check(
        "a.net | 0 | draining\n b.net | 1\n c.net | 2",
        "weighted: a draining, b chosen, c higherTier",
    );
    check(
        "a.net | 0 | closed\n b.net | 0 | draining\n c.net | 2",
        "weighted: a closed, b draining, c chosen",
    );
}

#[test]
fn a_tier_whose_hubs_have_no_weight_is_passed_over() {
    check(
        "a.net | 0 | - | 0\n b.net | 1\n c.net | 2",
        "weighted: a weightZero, b chosen, c higherTier",
    );
    check(
        "a.net | 1 | - | 0\n b.net | 0\n c.net | 2",
        "weighted: a weightZero, b chosen, c higherTier",
    );
    check(
        "a.net | 0 | - | 0\n b.net | 0 | - | 5\n c.net | 2",
        "weighted: a weightZero, b chosen, c higherTier",
    );
}

#[test]
fn without_a_hub_for_new_devices_the_device_is_refused() {
    let hubs = "a.net | 0 | draining\n b.net | 1 | closed\n c.net | 2 | draining";
    check(hubs, "noEligibleHub: a draining, b closed, c draining");
}

#[test]
fn a_rollout_leads_to_its_lowest_tier() {
    check(
        "a.net | 0\n b.net | 2\n c.net | 1\n rollouts: to steps\n acme/1 | b.net;c.net | 100%",
        "rollout: a notInRollout, b higherTier, c chosen",
    );
    check(
        "a.net | 0\n b.net | 1 | draining\n c.net | 2\n rollouts: to steps\n acme/1 | b.net;c.net | 100%",
        "rollout: a notInRollout, b draining, c chosen",
    );
}

#[test]
fn the_reasons_name_the_hubs_that_are_left() {
    let policy = policy(
        "enrollments: tenants\n group | acme\n tenants:\n acme\n hubs: tier\n a.net | 1\n b.net\n c.net",
    );
    let explanation = Device::new("a")
        .linked(&["a.net", "b.net", "c.net"])
        .explained(&policy);
    let tier = "tier: the hubs of the lowest tier that accept new devices -> b.net, c.net";
    assert!(
        steps(&explanation).contains(&tier.to_owned()),
        "{:?}",
        steps(&explanation)
    );
}
