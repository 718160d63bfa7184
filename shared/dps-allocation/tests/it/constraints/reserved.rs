//! A hub that is for some tenants only, whatever their rows say.

use crate::fleet::{Device, findings, policy, verdicts};

const FLEET: &str = "
    hubs: tenants pools weight
    a.net | - | std | 1
    own.net | contoso;con-* | std;own | 1000
    enrollments: tenants
    group | acme
    contoso | contoso
    con-1 | con-1
    tenants: pools
    acme
    contoso
    con-1 | own
";

fn device(group: &str) -> Device {
    let device = Device::new("pump-1").through(group);
    device.linked(&["a.net", "own.net"])
}

#[track_caller]
fn check(group: &str, current: Option<&str>, more: &str, expected: &str) {
    let policy = policy(&format!("{FLEET}{more}"));
    let device = current
        .iter()
        .fold(device(group), |device, hub| device.on(hub));
    assert_eq!(
        device.decided(&policy),
        expected,
        "{group} {current:?} {more}"
    );
}

#[test]
fn an_empty_cell_in_another_tenants_row_does_not_reach_it() {
    check("group", None, "", "a.net weighted");
    check("group", Some("a.net"), "", "a.net stay");
    check("group", Some("own.net"), "", "a.net weighted");
    check("contoso", None, "", "own.net weighted");
    check("con-1", None, "", "own.net weighted");
    let explained = device("group").explained(&policy(FLEET));
    assert_eq!(
        verdicts(&explained),
        ["a.net chosen", "own.net forOtherTenants"]
    );
}

#[test]
fn neither_a_rule_nor_a_row_nor_a_rollout_reaches_it() {
    let fixed = "rules: hub\n */1 | own.net";
    check("group", None, fixed, "noEligibleHub");
    check("contoso", None, fixed, "own.net fixedHub");
    let out = |columns: &str, cells: &str| format!("rollouts: to steps {columns}\n */1 | {cells}");
    for rollout in [
        out("", "own.net | 100%"),
        out("anew", "own.net | 100% | true"),
        out("include", "own.net | 0% | pump-*"),
    ] {
        check("group", Some("a.net"), &rollout, "a.net stay");
        check("group", None, &rollout, "a.net weighted");
        check("contoso", Some("a.net"), &rollout, "own.net rollout");
    }
    // The devices on it leave it, whoever keeps them there.
    let anew = out("anew", "std | 100% | true");
    check("group", Some("own.net"), &anew, "a.net rollout");
    check(
        "group",
        Some("own.net"),
        &out("", "own.net | 100%"),
        "a.net weighted",
    );
    let row = "enrollments: tenants deviceRows\n sold | acme | optional\n \
               devices: hub\n pump-1 | own.net";
    let policy = policy(&format!("{FLEET}{row}"));
    assert_eq!(device("sold").with_row().decided(&policy), "noEligibleHub");
}

/// The findings that are errors, without the place of the row.
#[track_caller]
fn errors(more: &str, expected: &[&str]) {
    let findings = findings(&format!("{FLEET}{more}"));
    let errors = findings.lines().filter(|line| line.starts_with("error"));
    let errors: Vec<&str> = errors.collect();
    assert_eq!(errors.len(), expected.len(), "{errors:?}");
    for (error, expected) in errors.iter().zip(expected) {
        assert!(error.contains(expected), "{errors:?}");
    }
}

#[test]
fn what_leads_nobody_anywhere_is_an_error() {
    let others = "no tenant of the row may use its hubs: `tenants` of each names others; add the tenant \
                  to `tenants` of a hub, or name other hubs";
    errors("rules: hub pools\n acme/1 | own.net", &[others]);
    errors("rules: hub pools\n acme/1 | - | own", &[others]);
    errors("rules: hub pools\n contoso/1 | own.net", &[]);
    errors("rules: hub pools\n */1 | own.net", &[]);
    errors("rollouts: to steps\n acme/1 | own.net | 1%", &[others]);
    errors("rollouts: to steps\n acme/1 | std | 1%", &[]);
    errors("rollouts: to steps\n con-1/1 | own.net | 1%", &[]);
    errors("rollouts: to steps\n */1 | own.net | 1%", &[]);
    let left = "each of its hubs is for other tenants only; add the tenant to `tenants` of a hub, or \
                widen pools or residency";
    errors("tenants: pools\n late | own", &[left]);
    errors("tenants: pools\n con-2 | own", &[]);
    errors(
        "hubs: tenants\n x.net | nobody",
        &["hubs hub/x.net, line 14, column tenants: no tenant is `nobody`"],
    );
    errors("hubs: tenants\n x.net | *", &[]);
}
