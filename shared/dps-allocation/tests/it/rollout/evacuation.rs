//! A later rollout takes devices off a hub that is draining, whatever earlier rollouts keep there.

use crate::fleet::{Device, policy, steps};

const FLEET: &str = "
    hubs: state weight pools
    old.net | draining | 1 | left
    new.net | - | 1 | right
    mid.net | - | 1 | right
    off.net | closed | 1 | left
    tenants: pools
    acme
    enrollments: tenants
    group | acme
";

/// The decision on a device on `old.net` under rollouts of `to steps from cohort state pausedAt
/// abortedAt return exclude`, and where it is after it has registered again and again.
#[track_caller]
fn check(rollouts: &str, expected: &str) {
    let columns = "to steps from cohort state pausedAt abortedAt return exclude";
    let tables = format!(
        "{FLEET} rollouts: {columns}\n{}",
        rollouts.replace(" // ", "\n")
    );
    let policy = policy(&tables);
    let device = Device::new("pump-1").linked(&["old.net", "new.net", "mid.net", "off.net"]);
    let first = decided(&device.clone().on("old.net"), &policy);
    assert_eq!(first, expected, "{rollouts}");
    let hub = first.split(' ').next().unwrap();
    let again = decided(&device.on(hub), &policy);
    assert_eq!(
        again.split(' ').next(),
        Some(hub),
        "{rollouts}: moved again"
    );
}

fn decided(device: &Device, policy: &dps_allocation::Policy) -> String {
    device.decide(policy, |decision| match decision {
        dps_allocation::Decision::Assigned(it) => format!(
            "{} {} {}",
            it.hub,
            it.reason.as_str(),
            it.rollout.unwrap_or("-")
        ),
        other => panic!("{other:?}"),
    })
}

#[test]
fn a_later_rollout_empties_a_draining_hub() {
    let out = "*/9 | new.net | 100% | old.net";
    check(
        &format!("acme/1 | old.net | 100% // {out}"),
        "new.net rollout 9",
    );
    check(
        &format!("acme/1 | left | 100% // {out}"),
        "new.net rollout 9",
    );
    let two = "acme/1 | old.net | 100% // acme/2 | old.net | 100%";
    check(&format!("{two} // {out}"), "new.net rollout 9");
    // An earlier one takes it as ever.
    check(
        "acme/1 | new.net | 100% // */9 | old.net | 100%",
        "new.net rollout 1",
    );
}

#[test]
fn without_another_rollout_that_takes_it_the_device_stays() {
    let held = "acme/1 | old.net | 100%";
    check(held, "old.net stay 1");
    for other in [
        "*/9 | new.net | 0%",
        "*/9 | new.net | 100% | mid.net",
        "*/9 | new.net | 100% | - | new",
        "*/9 | old.net | 100%",
        "*/9 | off.net | 100%",
        "*/9 | new.net | 100% | - | - | - | - | - | - | pump-*",
        "*/9 | new.net | 2027-01-01=100%",
        "*/9 | new.net | 2026-11-01=0% 2026-11-15=100% | - | - | paused | 2026-11-10",
        "*/9 | new.net | 100% | - | - | aborted | - | 2026-11-10",
    ] {
        check(&format!("{held} // {other}"), "old.net stay 1");
    }
    let paused = "*/9 | new.net | 2026-11-01=0% 2026-11-15=100% | - | - | paused | 2026-11-20";
    check(&format!("{held} // {paused}"), "new.net rollout 9");
}

/// A return is not an evacuation: it would bring back devices that a running rollout leads there.
#[test]
fn a_rollout_that_is_not_aborted_comes_before_a_return() {
    let back = "acme/9 | old.net | 100% | mid.net | - | aborted | - | 2026-11-20 | true";
    check(back, "mid.net rolloutReturn 9");
    check(
        &format!("acme/1 | old.net | 100% // {back}"),
        "old.net stay 1",
    );
    let out = "*/9 | new.net | 100% | old.net";
    check(
        &format!("acme/1 | old.net | 100% // {back} // {out}"),
        "new.net rollout 9",
    );
    check(&format!("{back} // {out}"), "new.net rollout 9");
}

/// The rollout that has kept the device would take it from where the later one leads.
#[test]
fn nobody_moves_twice() {
    let out = "*/9 | new.net | 100% | old.net";
    check(
        &format!("acme/1 | old.net;mid.net | 100% // {out}"),
        "mid.net rollout 1",
    );
    check(
        &format!("acme/1 | old.net;new.net | 100% // {out}"),
        "new.net rollout 9",
    );
    let other_from = "acme/1 | old.net;mid.net | 100% | mid.net;old.net";
    check(&format!("{other_from} // {out}"), "new.net rollout 9");
    let new_only = "acme/1 | old.net;mid.net | 100% | - | new";
    check(&format!("{new_only} // {out}"), "new.net rollout 9");
    let both = "*/9 | right | 100% | old.net";
    check(
        &format!("acme/1 | old.net;mid.net | 100% // {both}"),
        "mid.net rollout 9",
    );
}

#[test]
fn the_explanation_says_why() {
    let policy = policy(&format!(
        "{FLEET} rollouts: to steps from\n acme/1 | old.net | 100%\n */9 | new.net | 100% | old.net"
    ));
    let device = Device::new("pump-1").linked(&["old.net", "new.net"]);
    let steps = steps(&device.on("old.net").explained(&policy)).join("\n");
    for expected in [
        "rollout: rollout 1 -> the device is on one of its hubs already, which is draining: it \
         stays unless a later rollout takes it [rollouts acme/1]",
        "rollout: rollout 9 -> selects the device, at 100% [rollouts */9]",
    ] {
        assert!(steps.contains(expected), "{steps}");
    }
}
