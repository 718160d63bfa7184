//! Step 5: rollouts that are aborted and bring their devices back, and how they are explained.

use super::selection::{check, device, rollouts};
use crate::fleet::{decided_by, policy, steps, verdicts};

#[test]
fn an_aborted_rollout_moves_no_device() {
    let aborted = rollouts("state", "acme/go | n.net | 100% | aborted");
    check(&aborted, &device(), "std weighted");
    check(&aborted, &device().on("a.net"), "a.net stay");
    check(&aborted, &device().on("n.net"), "n.net stay");
    let next = rollouts(
        "state",
        "acme/1 | n.net | 100% | aborted\n acme/2 | m.net | 100%",
    );
    check(&next, &device().on("n.net"), "m.net rollout 2");
}

#[test]
fn return_brings_them_back() {
    let columns = "state return from include exclude";
    let go = |row: &str| rollouts(columns, &format!("acme/go | n.net | {row}"));
    let back = go("100% | aborted | true | a.net");
    check(&back, &device().on("n.net"), "a.net rolloutReturn go");
    check(&back, &device().on("b.net"), "b.net stay");
    check(&back, &device(), "std weighted");
    let anywhere = device().linked(&["b.net", "n.net", "x.net"]).on("n.net");
    check(
        &go("100% | aborted | yes | -"),
        &anywhere,
        "b.net rolloutReturn go",
    );
    // Only those that it took.
    check(
        &go("0% | aborted | true | a.net"),
        &device().on("n.net"),
        "n.net stay",
    );
    check(
        &go("0% | aborted | true | a.net | pump-*"),
        &device().on("n.net"),
        "a.net rolloutReturn go",
    );
    check(
        &go("100% | aborted | true | a.net | - | pump-*"),
        &device().on("n.net"),
        "n.net stay",
    );
    check(
        &go("100% | aborted | false | a.net"),
        &device().on("n.net"),
        "n.net stay",
    );
    check(
        &go("100% | running | true | a.net"),
        &device().on("n.net"),
        "n.net stay go",
    );
    // Nowhere to go back to.
    check(
        &back,
        &device().linked(&["n.net"]).on("n.net"),
        "n.net stay",
    );
    check(
        &go("100% | aborted | true | d.net"),
        &device().on("n.net"),
        "n.net stay",
    );
}

#[test]
fn the_reasons_name_the_rollout_and_the_excluded_hubs() {
    let tables = rollouts(
        "state return from",
        "acme/go | n.net | 100% | - | - | a.net",
    );
    let policy = policy(&tables);
    let moved = device().on("a.net").explained(&policy);
    assert_eq!(decided_by(&moved), "rollouts acme/go");
    assert_eq!(moved.rollout.as_deref(), Some("go"));
    assert!(steps(&moved).contains(
        &"rollout: rollout go -> selects the device, at 100% [rollouts acme/go]".to_owned()
    ));
    assert_eq!(
        verdicts(&moved).join(", ").replace(".net", ""),
        "a notInRollout, b notInRollout, d notInRollout, m notInRollout, n chosen, x notInPools"
    );
    let there = device().on("n.net").explained(&policy);
    assert_eq!(decided_by(&there), "rollouts acme/go");
    assert!(
        steps(&there).contains(
            &"rollout: rollout go -> the device is on one of its hubs already [rollouts acme/go]"
                .to_owned()
        )
    );
    let elsewhere = device().on("b.net").explained(&policy);
    assert_eq!(decided_by(&elsewhere), "tenants tenant/acme");
    assert!(steps(&elsewhere).contains(
        &"rollout: rollout go -> no: the device is on none of its `from` hubs".to_owned()
    ));
}
