//! Device fact x `deviceRows` x state of the current hub x rollout: missing evidence never moves.

use dps_allocation::{Decision, DeviceFact, Policy};

use crate::fleet::{Device, decided_by, policy, steps, verdicts};

const LINKED: [&str; 6] = [
    "open.net",
    "drain.net",
    "closed.net",
    "far.net",
    "new.net",
    "unknown.net",
];

/// What the tenant, a rule and a rollout do once they are asked.
const ROLLOUTS: [&str; 4] = [
    "",
    "*/go | new.net | 100% | running | - | -",
    "*/go | open.net;drain.net | 100% | aborted | 2026-11-01 | true",
    "*/go | new.net | 100% | paused | - | - | 2026-11-01",
];

const REPROVISION: [&str; 2] = ["stay", "replace"];

const DEVICE_ROWS: [&str; 4] = ["off", "optional", "bestEffort", "required"];

/// None: a device without a hub. `gone.net` is linked nowhere, `unlinked.net` is in the table only.
const CURRENT: [Option<&str>; 9] = [
    None,
    Some("open.net"),
    Some("drain.net"),
    Some("closed.net"),
    Some("far.net"),
    Some("new.net"),
    Some("unknown.net"),
    Some("unlinked.net"),
    Some("gone.net"),
];

/// The device `sold` belongs to another tenant, whose only hub is `far.net`; `blocked` is refused.
fn fleet(device_rows: &str, on_reprovision: &str, rollout: &str) -> Policy {
    policy(&format!(
        "hubs: pools state weight
        open.net | std
        drain.net | std | draining
        closed.net | std | closed
        far.net | far
        new.net | std;far | - | 0
        unlinked.net | std
        enrollments: tenants tenantFrom deviceRows
        group | * | 'acme' | {device_rows}
        tenants: pools onReprovision twin state
        acme | std | {on_reprovision} | t
        sold | far | {on_reprovision} | t
        thief | std | - | - | suspended
        rules: when refuse
        acme/1 | registrationId == 'banned' | true
        twins: tags
        */t | {{\"a\": 1}}
        devices: tenant
        sold | sold
        blocked | thief
        rollouts: to steps state abortedAt return pausedAt
        {rollout}"
    ))
}

fn device(id: &str, current: Option<&str>) -> Device {
    let device = Device::new(id).linked(&LINKED);
    current.iter().fold(device, |device, hub| device.on(hub))
}

const IDS: [&str; 4] = ["sold", "blocked", "banned", "plain"];

/// Every policy with every device on every hub.
fn each(mut check: impl FnMut(&str, &Policy, Device, Option<&str>)) {
    for device_rows in DEVICE_ROWS {
        for on_reprovision in REPROVISION {
            for rollout in ROLLOUTS {
                let policy = fleet(device_rows, on_reprovision, rollout);
                for id in IDS {
                    for current in CURRENT {
                        check(device_rows, &policy, device(id, current), current);
                    }
                }
            }
        }
    }
}

const UNKNOWN: [DeviceFact<'static>; 3] = [
    DeviceFact::Invalid,
    DeviceFact::Unavailable,
    DeviceFact::NotRead,
];

#[test]
fn missing_evidence_never_moves_and_never_admits() {
    each(|device_rows, policy, device, current| {
        let missing = device.clone().fact(DeviceFact::Missing).decided(policy);
        for fact in UNKNOWN {
            let decided = device.clone().fact(fact).decided(policy);
            let unavailable = match fact {
                DeviceFact::Invalid => "deviceRowInvalid",
                _ => "storeUnavailable",
            };
            let expected = match (device_rows, current) {
                // These ask for no row, or decide as if there were none.
                ("off" | "bestEffort", _) => missing.clone(),
                ("optional", Some(hub))
                    if !["closed.net", "unlinked.net", "gone.net"].contains(&hub) =>
                {
                    format!("{hub} stayUnverified")
                }
                _ => unavailable.to_owned(),
            };
            assert_eq!(decided, expected, "{device_rows} {fact:?} {device:?}");
        }
    });
}

#[test]
fn a_known_row_decides_for_every_setting_of_device_rows() {
    let with_row = |device_rows: &str, rollout: &str, id: &str, current| {
        let policy = fleet(device_rows, "stay", rollout);
        device(id, current).with_row().decided(&policy)
    };
    for rollout in ROLLOUTS {
        for current in CURRENT {
            for id in ["sold", "blocked"] {
                let decided = DEVICE_ROWS.map(|rows| with_row(rows, rollout, id, current));
                assert!(
                    decided[1..].iter().all(|it| *it == decided[1]),
                    "{id} on {current:?}: {decided:?}, {rollout}"
                );
            }
            let expected = with_row("off", rollout, "plain", current);
            assert_eq!(with_row("optional", rollout, "plain", current), expected);
            assert_eq!(with_row("bestEffort", rollout, "plain", current), expected);
            assert_eq!(
                with_row("required", rollout, "plain", current),
                "unknownDevice"
            );
        }
    }
}

#[test]
fn without_the_row_the_answer_is_the_hub_alone() {
    let policy = fleet("optional", "stay", ROLLOUTS[1]);
    let sold = device("sold", Some("FAR.net")).linked(&["Far.Net", "open.net"]);
    let sold = sold.fact(DeviceFact::Unavailable);
    sold.decide(&policy, |decision| match decision {
        Decision::Assigned(it) => {
            assert_eq!(it.hub, "Far.Net");
            assert_eq!((it.tenant, it.rollout), (None, None));
            assert!(it.initial_twin.is_none() && it.payload.is_none());
            assert_eq!(it.twin_effect.as_str(), "ignoredSameHub");
        }
        other => panic!("{other:?}"),
    });
}

#[test]
fn the_reasons_say_why_the_hub_is_kept() {
    let policy = fleet("optional", "stay", ROLLOUTS[1]);
    let explained = |current| {
        let device = device("sold", current).fact(DeviceFact::Unavailable);
        let explanation = device.explained(&policy);
        let by = decided_by(&explanation);
        assert_eq!(by, "enrollments enrollment/group");
        assert_eq!(explanation.tenant, None);
        let steps = steps(&explanation).split_off(1).join("\n");
        (steps, verdicts(&explanation).join(", ").replace(".net", ""))
    };
    let device = "device: the device's row in devices -> the table could not be read: the device is \
                  neither moved nor admitted\n";
    let stay = "stay: whether the device keeps its hub ->";
    let (steps, hubs) = explained(Some("drain.net"));
    assert_eq!(steps, format!("{device}{stay} yes: drain.net"));
    assert_eq!(
        hubs,
        "closed notCurrentHub, drain chosen, far notCurrentHub, new notCurrentHub, open notCurrentHub, \
         unknown notInTable, unlinked notCurrentHub"
    );
    let (steps, hubs) = explained(Some("unknown.net"));
    let found = "yes: unknown.net, which has no row in hubs";
    assert_eq!(steps, format!("{device}{stay} {found}"));
    assert!(hubs.contains("unknown chosen"), "{hubs}");
    for (current, why) in [
        (None, "it has no hub"),
        (Some("closed.net"), "no: its hub is closed"),
        (Some("gone.net"), "no: its hub is not in the hubs table"),
        (
            Some("unlinked.net"),
            "no: its hub is not in the request's linkedHubs",
        ),
    ] {
        let (steps, hubs) = explained(current);
        assert_eq!(steps, format!("{device}{stay} {why}: DPS has to try again"));
        assert!(!hubs.contains("chosen"), "{hubs}");
    }
}
