//! A device keeps a linked hub that no row names, as if the hub were draining.

use dps_allocation::{AssignedReason, Decision, DeviceFact};
use serde_json::json;

use crate::fleet::{Device, policy, steps, verdicts};

const FLEET: &str = "
    hubs: pools geography
    a.azure-devices.net | std | EU
    b.azure-devices.net | std | EU
    enrollments: tenants deviceRows residency
    group | acme
    pooled | pooled
    european | european
    strict | acme | off | EU
    row | acme | optional
    anew | anew
    tenants: pools residency onReprovision
    acme
    pooled | std
    european | - | EU
    anew | - | - | replace
    rules: when pools hub
    acme/1 | payload.rule == \"pools\" | std
    acme/2 | payload.rule == \"hub\" | - | a.azure-devices.net
    acme/3 | payload.rule == \"none\"
";
const LONE: &str = "lone.azure-devices.net";
const ALL: [&str; 3] = ["a.azure-devices.net", "b.azure-devices.net", LONE];

fn on_lone(group: &str) -> Device {
    Device::new("pump-1").through(group).linked(&ALL).on(LONE)
}

/// The reason, and whether the device keeps its hub, with further tables.
#[track_caller]
fn check(device: &Device, more: &str, expected: &str) {
    let policy = policy(&format!("{FLEET}{more}"));
    let decided = device.decide(&policy, |decision| match decision {
        Decision::Assigned(it) => {
            let keeps = if it.hub_name == LONE {
                "keeps"
            } else {
                "moves"
            };
            format!("{keeps} {}", it.reason.as_str())
        }
        Decision::Refused(it) => it.reason.as_str().to_owned(),
        Decision::Unavailable(it) => it.as_str().to_owned(),
    });
    assert_eq!(decided, expected, "{device:?} {more}");
}

#[test]
fn the_device_keeps_it_and_no_new_one_gets_it() {
    check(&on_lone("group"), "", "keeps stayUnlisted");
    check(
        &on_lone("group").payload(json!({"rule": "none"})),
        "",
        "keeps stayUnlisted",
    );
    check(&Device::new("pump-1").linked(&[LONE]), "", "noEligibleHub");
    check(&Device::new("pump-1").linked(&ALL), "", "moves weighted");
    // DPS does not accept an answer that it does not link.
    check(&on_lone("group").linked(&ALL[..2]), "", "moves weighted");
}

#[test]
fn pools_residency_and_a_named_hub_exclude_it() {
    check(&on_lone("pooled"), "", "moves weighted");
    check(&on_lone("european"), "", "moves weighted");
    check(&on_lone("strict"), "", "moves weighted");
    check(
        &on_lone("group").payload(json!({"rule": "pools"})),
        "",
        "moves weighted",
    );
    check(
        &on_lone("group").payload(json!({"rule": "hub"})),
        "",
        "moves fixedHub",
    );
    let row = |cells: &str| format!("devices: hub residency\n pump-1 | {cells}");
    let own = on_lone("row").with_row();
    check(&own, "", "keeps stayUnlisted");
    check(&own, &row("-"), "keeps stayUnlisted");
    check(&own, &row("b.azure-devices.net"), "moves fixedHub");
    check(&own, &row("- | EU"), "moves weighted");
    let also = "rules: mode pools\n */0 | also | std";
    check(&on_lone("group"), also, "moves weighted");
}

/// `replace` places the device like a new one, but a device that has a hub is never sent away.
#[test]
fn a_device_that_is_placed_again_keeps_it_where_placement_finds_no_hub() {
    let anew = on_lone("anew");
    check(&anew, "", "moves weighted");
    let closed = "hubs: pools geography state\n c.azure-devices.net | std | EU | closed";
    let more = |tenant: &str| {
        format!(
            "{closed}\n enrollments: tenants\n again | again\n \
             tenants: onReprovision placement hub withoutLocation\n again | replace | {tenant}"
        )
    };
    let again = on_lone("again");
    check(
        &again,
        &more("static | b.azure-devices.net"),
        "moves static",
    );
    check(
        &again,
        &more("static | c.azure-devices.net"),
        "keeps stayUnlisted",
    );
    check(&again, &more("latency | - | weighted"), "moves weighted");
    check(&again, &more("latency | - | refuse"), "keeps stayUnlisted");
    let new = Device::new("pump-1").through("again").linked(&ALL);
    check(&new, &more("static | c.azure-devices.net"), "noEligibleHub");
    check(&new, &more("latency | - | refuse"), "claimMissing");
}

/// "Never reprovision": the hub is the only one that is linked.
#[test]
fn a_device_that_is_never_reprovisioned_keeps_it() {
    let never = |group: &str| on_lone(group).linked(&[LONE]);
    check(&never("group"), "", "keeps stayUnlisted");
    check(&never("anew"), "", "keeps stayUnlisted");
    let out = "rollouts: to steps\n */out | a.azure-devices.net | 100%";
    check(&never("group"), out, "keeps stayUnlisted");
    for group in ["pooled", "european", "strict"] {
        check(&never(group), "", "noEligibleHub");
    }
    check(
        &never("group").payload(json!({"rule": "hub"})),
        "",
        "noEligibleHub",
    );
}

#[test]
fn a_row_empties_it_and_a_rollout_moves_its_devices() {
    let row = |state: &str| format!("hubs: state\n {LONE} | {state}");
    check(&on_lone("group"), &row("draining"), "keeps stay");
    check(&on_lone("group"), &row("closed"), "moves weighted");
    let out = |share: &str, from: &str| {
        format!("rollouts: to steps from\n */out | a.azure-devices.net | {share} | {from}")
    };
    check(&on_lone("group"), &out("100%", "-"), "moves rollout");
    check(&on_lone("group"), &out("0%", "-"), "keeps stayUnlisted");
    // A row cannot name the hub.
    let from = out("100%", "b.azure-devices.net");
    check(&on_lone("group"), &from, "keeps stayUnlisted");
    let anew = "rollouts: to steps anew\n */go | std | 100% | true";
    check(&on_lone("group"), anew, "moves rollout");
    check(&on_lone("anew"), "", "moves weighted");
}

#[test]
fn it_is_kept_while_the_row_of_the_device_is_unknown() {
    let unknown = |group: &str| on_lone(group).fact(DeviceFact::Unavailable);
    check(&unknown("row"), "", "keeps stayUnverified");
    check(&unknown("row").linked(&ALL[..2]), "", "storeUnavailable");
    let european = "enrollments: tenants deviceRows residency\n far | acme | optional | EU";
    check(&unknown("far"), european, "storeUnavailable");
}

/// A hub has two host names, in any case.
#[test]
fn it_is_answered_as_the_request_links_it() {
    let policy = policy(FLEET);
    for (current, linked, expected) in [
        (
            LONE,
            &["Lone.Azure-Devices.net"][..],
            "Lone.Azure-Devices.net",
        ),
        ("LONE.device.azure-devices.net", &[LONE], LONE),
        (
            LONE,
            &["lone.device.azure-devices.net", LONE],
            "lone.device.azure-devices.net",
        ),
        (
            LONE,
            &[LONE, "lone.device.azure-devices.net"],
            "lone.device.azure-devices.net",
        ),
    ] {
        let device = Device::new("pump-1").linked(linked).on(current);
        device.decide(&policy, |decision| {
            let Decision::Assigned(it) = decision else {
                panic!("{decision:?}")
            };
            assert_eq!((it.hub, &*it.hub_name), (expected, LONE));
            assert_eq!(it.reason, AssignedReason::StayUnlisted);
            assert_eq!(it.twin_effect, dps_allocation::TwinEffect::IgnoredSameHub);
        });
    }
}

#[test]
fn the_explanation_says_why() {
    let policy = policy(FLEET);
    let kept = on_lone("group").explained(&policy);
    let text = steps(&kept).join("\n");
    for expected in [
        "constraints: lone.azure-devices.net, the device's hub, which has no row in hubs -> counts as draining",
        "stay: whether the device keeps its hub -> yes: lone.azure-devices.net, which has no row in hubs",
    ] {
        assert!(text.contains(expected), "{text}");
    }
    assert_eq!(
        verdicts(&kept).join(", ").replace(".azure-devices.net", ""),
        "a notCurrentHub, b notCurrentHub, lone chosen"
    );
    let left = steps(&on_lone("pooled").explained(&policy)).join("\n");
    let expected =
        "which has no row in hubs -> is not eligible: the tenant has pools or a residency";
    assert!(left.contains(expected), "{left}");
}

/// A hub with a row would have its classic name there.
#[test]
fn a_reply_names_it_as_the_request_links_it() {
    let policy = policy(
        "hubs:
        a.azure-devices.net
        enrollments: tenants
        group | acme
        tenants: reply
        acme | {\"at\": \"${hub.name}\", \"in\": \"${hub.region}\"}",
    );
    for linked in ["Lone.Azure-Devices.net", "lone.device.azure-devices.net"] {
        let device = Device::new("pump-1").linked(&[linked]).on(LONE);
        assert_eq!(device.answered(&policy)[1], json!({"at": linked}));
    }
}
