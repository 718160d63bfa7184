//! Step 5: which devices a rollout selects, ignores and brings back.

use dps_allocation::Decision;
use serde_json::json;

use crate::fleet::{Device, policy, steps};

pub(crate) const FLEET: &str = "
    hubs: pools weight geography state
    a.net | std;left | 1 | EU
    b.net | std | 1 | EU
    n.net | std;fresh | 0 | EU
    m.net | std;fresh | 0 | EU
    d.net | std | 0 | EU | draining
    x.net | other | 1 | US
    tenants: pools onReprovision
    acme | std
    beta | std | replace
    gamma | left
    enrollments: tenants
    group | acme
    beta | beta
    gamma | gamma
";
const ALL: [&str; 6] = ["a.net", "b.net", "n.net", "m.net", "d.net", "x.net"];

/// Columns beyond `to` and `steps`, by name, for one rollout.
pub(crate) fn rollouts(columns: &str, rows: &str) -> String {
    format!("{FLEET}\n rollouts: to steps {columns}\n{rows}")
}

pub(crate) fn device() -> Device {
    Device::new("pump-1").linked(&ALL)
}

/// `hub reason`, and the rollout's id where one took the device.
#[track_caller]
pub(crate) fn check(tables: &str, device: &Device, expected: &str) {
    let decided = device.decide(&policy(tables), |decision| match decision {
        Decision::Assigned(assignment) => {
            let rollout = assignment
                .rollout
                .map(|id| format!(" {id}"))
                .unwrap_or_default();
            format!("{} {}{rollout}", assignment.hub, assignment.reason.as_str())
        }
        other => format!("{other:?}"),
    });
    // `a.net` and `b.net` are equal: which of them is the hash's business.
    let either = decided.replace("a.net weighted", "std weighted");
    assert_eq!(
        either.replace("b.net weighted", "std weighted"),
        expected,
        "{tables}"
    );
}

#[test]
fn a_rollout_selects_new_and_existing_devices() {
    let all = rollouts("", "acme/go | n.net | 100%");
    check(&all, &device(), "n.net rollout go");
    check(&all, &device().on("a.net"), "n.net rollout go");
    check(&all, &device().on("gone.net"), "n.net rollout go");
    check(&all, &device().through("beta"), "std weighted");
}

#[test]
fn cohorts_limit_it_to_new_or_existing_devices() {
    let new = rollouts("cohort", "acme/go | n.net | 100% | new");
    check(&new, &device(), "n.net rollout go");
    check(&new, &device().on("a.net"), "a.net stay");
    let existing = rollouts("cohort", "acme/go | n.net | 100% | Existing");
    check(&existing, &device(), "std weighted");
    check(&existing, &device().on("a.net"), "n.net rollout go");
    let all = rollouts("cohort", "acme/go | n.net | 100% | all");
    check(&all, &device(), "n.net rollout go");
    check(&all, &device().on("a.net"), "n.net rollout go");
}

#[test]
fn from_limits_it_to_devices_on_these_hubs() {
    for from in ["a.net", "A.NET;x.net", "left", "[\"left\", \"x.net\"]"] {
        let tables = rollouts("from", &format!("acme/go | n.net | 100% | {from}"));
        check(&tables, &device().on("a.net"), "n.net rollout go");
        check(&tables, &device().on("b.net"), "b.net stay");
        // The hub is not known: not one of these.
        check(&tables, &device().on("gone.net"), "std weighted");
        // A new device leaves no hub.
        check(&tables, &device(), "n.net rollout go");
    }
}

#[test]
fn to_names_hubs_or_pools() {
    let fresh = rollouts("", "acme/go | Fresh | 100%");
    let decided = device().on("a.net").decided(&policy(&fresh));
    assert!(
        ["n.net rollout", "m.net rollout"].contains(&&*decided),
        "{decided}"
    );
    check(
        &fresh,
        &device().linked(&["a.net", "m.net"]),
        "m.net rollout go",
    );
    check(
        &rollouts("", "acme/go | x.net, m.net | 100%"),
        &device(),
        "m.net rollout go",
    );
}

#[test]
fn conditions_and_pins_limit_it() {
    let when = rollouts("when", "acme/go | n.net | 100% | payload.beta == true");
    check(&when, &device(), "std weighted");
    check(
        &when,
        &device().payload(json!({"beta": true})),
        "n.net rollout go",
    );
    check(
        &when,
        &device().payload(json!({"beta": "yes"})),
        "std weighted",
    );
    let exclude = rollouts("exclude", "acme/go | n.net | 100% | pump-2;PUMP-1");
    check(&exclude, &device(), "std weighted");
    let exclude = rollouts("exclude", "acme/go | n.net | 100% | pump-*");
    check(&exclude, &device().on("a.net"), "a.net stay");
    let include = rollouts("include", "acme/go | n.net | 0% | pump-*");
    check(&include, &device(), "n.net rollout go");
    check(
        &include,
        &Device::new("press-1").linked(&ALL),
        "std weighted",
    );
    let include = rollouts("include", "acme/go | n.net | 2027-01-01=100% | Pump-1");
    check(&include, &device(), "n.net rollout go");
    // Pins settle it: the condition is not asked, and exclude is stronger.
    let include = rollouts("include when", "acme/go | n.net | 0% | *-1 | false");
    check(&include, &device(), "n.net rollout go");
    let both = rollouts("include exclude", "acme/go | n.net | 100% | pump-1 | *-1");
    check(&both, &device(), "std weighted");
}

#[test]
fn a_device_on_its_hubs_stays() {
    let go = rollouts("", "acme/go | fresh | 100%");
    check(&go, &device().on("n.net"), "n.net stay go");
    check(&go, &device().on("M.NET"), "m.net stay go");
    let beta = rollouts("", "beta/go | n.net | 100%");
    check(
        &beta,
        &device().through("beta").on("n.net"),
        "n.net stay go",
    );
    check(
        &beta,
        &device().through("beta").on("a.net"),
        "n.net rollout go",
    );
    // Whoever is not in it stays for being there.
    let none = rollouts("", "acme/go | n.net | 0%");
    check(&none, &device().on("n.net"), "n.net stay");
    let new = rollouts("cohort from", "acme/go | n.net | 100% | new | a.net");
    check(&new, &device().on("n.net"), "n.net stay go");
}

#[test]
fn the_first_rollout_that_selects_the_device_counts() {
    check(
        &rollouts("", "acme/2 | n.net | 100%\n acme/1 | m.net | 100%"),
        &device(),
        "m.net rollout 1",
    );
    check(
        &rollouts("", "*/1 | n.net | 100%\n acme/9 | m.net | 100%"),
        &device(),
        "m.net rollout 9",
    );
    check(
        &rollouts("", "*/1 | n.net | 100%\n acme/9 | m.net | 0%"),
        &device(),
        "n.net rollout 1",
    );
    check(
        &rollouts("", "*/1 | n.net | 100%\n acme/9 | m.net | 100%"),
        &device().through("gamma"),
        "std weighted",
    );
    check(
        &rollouts("", "*/1 | a.net | 100%\n acme/9 | m.net | 100%"),
        &device().through("gamma"),
        "a.net rollout 1",
    );
}

#[test]
fn constraints_precede_rollouts() {
    let go = |to: &str| rollouts("", &format!("acme/go | {to} | 100%"));
    check(&go("x.net"), &device(), "std weighted");
    check(&go("x.net"), &device().on("a.net"), "a.net stay");
    check(
        &go("n.net"),
        &device().linked(&["a.net", "b.net"]).on("b.net"),
        "b.net stay",
    );
    // A draining hub accepts no new devices; its devices keep it.
    check(&go("d.net"), &device(), "std weighted");
    check(&go("d.net"), &device().on("a.net"), "a.net stay");
    check(&go("d.net"), &device().on("d.net"), "d.net stay go");
    check(
        &go("d.net;n.net"),
        &device().on("a.net"),
        "n.net rollout go",
    );
    // The next rollout is asked then.
    let two = rollouts("", "acme/1 | x.net | 100%\n acme/2 | n.net | 100%");
    check(&two, &device(), "n.net rollout 2");
    // On one of its hubs, which is not eligible: one of the others.
    let two = rollouts("", "acme/go | x.net;n.net | 100%");
    check(&two, &device().on("x.net"), "n.net rollout go");
    let explanation = device().explained(&policy(&go("x.net")));
    let expected = "rollout: rollout go -> no: the constraints leave none of its hubs open: the \
                    device is not in the rollout";
    assert!(
        steps(&explanation).contains(&expected.to_owned()),
        "{:?}",
        steps(&explanation)
    );
}
