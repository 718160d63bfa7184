//! A hub has two host names for devices; each of them means that hub.

use dps_allocation::{Policy, TwinEffect};

use crate::findings::{cell, check as findings};
use crate::fleet::{Device, policy, shown, tables};

/// Every column that holds a host name; each device below meets another one of them.
const FLEET: &str = "
    hubs: region pools state
    a.azure-devices.net | westeurope | std
    b.azure-devices.net | northeurope | std
    c.azure-devices.net | eastus | std
    d.azure-devices.net | - | old | draining
    n.azure-devices.net | westus | new
    enrollments: tenants deviceRows
    group | acme
    ruled | ruled
    sold | acme | optional
    moved | moved
    back | back
    seen | seen
    tenants: pools
    acme | std;old
    ruled
    moved | std;new
    back | std;new
    seen | std
    rules: when hub
    ruled/1 | - | b.azure-devices.net
    seen/1 | currentHub == 'a.azure-devices.net' | c.azure-devices.net
    rollouts: from to steps state return abortedAt
    moved/1 | a.azure-devices.net;old | n.azure-devices.net | 100%
    back/1 | b.azure-devices.net | n.azure-devices.net, new | 100% | aborted | true | 2026-11-30
    devices: hub
    sold-1 | c.azure-devices.net
";

const HUBS: [&str; 5] = ["a", "b", "c", "d", "n"];

fn classic(hub: &str) -> String {
    format!("{hub}.azure-devices.net")
}

fn device_name(hub: &str) -> String {
    format!("{hub}.device.azure-devices.net")
}

/// The ways in which people and services write the host name of a hub.
fn spellings(hub: &str) -> [String; 4] {
    [
        classic(hub),
        device_name(hub),
        classic(hub).to_uppercase(),
        format!("{}.Device.azure-devices.NET", hub.to_uppercase()),
    ]
}

/// The devices: group, id, current hub.
const DEVICES: [(&str, &str, Option<&str>); 13] = [
    ("group", "x-1", None),
    ("group", "x-2", None),
    ("group", "x-3", None),
    ("group", "x-4", Some("a")),
    ("group", "x-5", Some("d")),
    ("group", "x-6", Some("n")),
    ("ruled", "x-7", Some("a")),
    ("sold", "sold-1", Some("a")),
    ("moved", "x-8", Some("a")),
    ("moved", "x-9", Some("b")),
    ("back", "x-10", Some("n")),
    ("seen", "x-11", Some("a")),
    ("seen", "x-12", Some("b")),
];

/// What is decided about each device, the hub as `linkedHubs` spells it, and why not the others.
fn decided(policy: &Policy, linked: &dyn Fn(&str) -> String, current: usize) -> Vec<String> {
    let linked: Vec<String> = HUBS.into_iter().map(linked).collect();
    let linked: Vec<&str> = linked.iter().map(|it| &**it).collect();
    let decide = |(group, id, on): (&str, &str, Option<&str>)| {
        let mut device = Device::new(id).through(group).linked(&linked).with_row();
        if let Some(hub) = on {
            device = device.on(&spellings(hub)[current]);
        }
        let reasons = serde_json::to_value(device.explained(policy)).unwrap();
        format!("{} {}", device.decided(policy), reasons["hubs"])
    };
    DEVICES.into_iter().map(decide).collect()
}

#[test]
fn the_fleet_meets_every_way_to_a_hub() {
    let all = decided(&policy(FLEET), &classic, 0);
    for reason in [
        " weighted ",
        "a.azure-devices.net stay ",
        "d.azure-devices.net stay ",
        "b.azure-devices.net fixedHub ",
        "c.azure-devices.net fixedHub ",
        "n.azure-devices.net rollout ",
        "b.azure-devices.net rolloutReturn ",
    ] {
        assert!(
            all.iter().any(|it| it.contains(reason)),
            "{reason}: {all:?}"
        );
    }
}

#[test]
fn the_spelling_of_a_table_changes_neither_revision_nor_decisions() {
    let original = policy(FLEET);
    let expected = decided(&original, &classic, 0);
    let lines: Vec<&str> = FLEET.lines().collect();
    let mut respelled = 0;
    for number in (0..lines.len()).chain([usize::MAX]) {
        for spelling in 1..4 {
            let respell = |line: &str| {
                let spell = |text: String, hub: &str| {
                    // A literal of an expression is a text, not a host name.
                    let name = format!(" {}", classic(hub));
                    text.replace(&name, &format!(" {}", spellings(hub)[spelling]))
                };
                HUBS.into_iter().fold(line.to_owned(), spell)
            };
            let edited: Vec<String> = (0..)
                .zip(&lines)
                .map(|(at, line)| match number {
                    usize::MAX => respell(line),
                    _ if at == number => respell(line),
                    _ => (*line).to_owned(),
                })
                .collect();
            let edited = edited.join("\n");
            respelled += usize::from(edited != lines.join("\n"));
            let edited = policy(&edited);
            assert_eq!(edited.revision(), original.revision());
            assert_eq!(decided(&edited, &classic, 0), expected);
        }
    }
    assert_eq!(respelled, 3 * (HUBS.len() + 5 + 1));
}

#[test]
fn the_spelling_of_a_request_changes_only_that_of_the_answer() {
    let policy = policy(FLEET);
    let expected = decided(&policy, &classic, 0);
    for current in 0..4 {
        for linked in 0..4 {
            let spell = |hub: &str| spellings(hub)[linked].clone();
            for (expected, decided) in expected.iter().zip(decided(&policy, &spell, current)) {
                let (hub, rest) = expected.split_once(' ').unwrap();
                let label = hub.split('.').next().unwrap();
                assert_eq!(decided, format!("{} {rest}", spell(label)));
            }
        }
    }
}

#[test]
fn a_hub_that_is_linked_twice_is_answered_by_its_device_name() {
    let policy = policy(FLEET);
    let (classic, device) = (classic("a"), device_name("a"));
    let upper = device.to_uppercase();
    #[rustfmt::skip]
    let cases: [(&[&str], &str); 5] = [
        (&[&classic], &classic),
        (&[&device], &device),
        (&[&classic, &device], &device),
        (&[&device, &classic], &device),
        (&[&upper, &classic, "b.azure-devices.net"], &upper),
    ];
    for (linked, expected) in cases {
        for on in [&classic, &device] {
            let decided = Device::new("x").linked(linked).on(on).decided(&policy);
            assert_eq!(decided, format!("{expected} stay"), "{linked:?} {on}");
        }
    }
}

#[test]
fn a_change_of_the_name_does_not_change_the_hub() {
    let policy = policy(FLEET);
    let device = Device::new("x")
        .linked(&[&device_name("a")])
        .on(&classic("a"));
    device.decide(&policy, |decision| match decision {
        dps_allocation::Decision::Assigned(it) => {
            assert_eq!(it.twin_effect, TwinEffect::IgnoredSameHub);
            assert_eq!(it.hub, device_name("a"));
            assert_eq!(it.hub_name, classic("a"));
        }
        other => panic!("{other:?}"),
    });
}

#[test]
fn clouds_differ_and_other_domains_are_unchanged() {
    let fleet = |hubs: &str| {
        policy(&format!(
            "hubs:\n {}\n enrollments: tenants\n group | acme\n tenants:\n acme",
            hubs.replace(' ', "\n ")
        ))
    };
    let clouds = fleet("a.azure-devices.net a.azure-devices.us a.azure-devices.cn");
    for cloud in ["net", "us", "cn"] {
        let (classic, device) = (
            format!("a.azure-devices.{cloud}"),
            format!("a.device.azure-devices.{cloud}"),
        );
        let stays = Device::new("x").linked(&[&device]).on(&classic);
        assert_eq!(stays.decided(&clouds), format!("{device} stay"));
    }
    let rigs = fleet("a.device.rig.example a.rig.example a.service.rig.example");
    let linked = Device::new("x").linked(&["a.device.rig.example"]);
    assert_eq!(linked.decided(&rigs), "a.device.rig.example weighted");
    let other = linked.on("a.rig.example");
    assert_eq!(other.decided(&rigs), "a.device.rig.example weighted");
}

#[test]
fn a_name_for_back_ends_is_never_an_answer() {
    let policy = policy(FLEET);
    let service = "a.service.azure-devices.net";
    let only = Device::new("x").linked(&[service]);
    assert_eq!(only.decided(&policy), "noEligibleHub");
    let current = Device::new("x").linked(&[&classic("b")]).on(service);
    assert_eq!(current.decided(&policy), "b.azure-devices.net weighted");
}

#[test]
fn names_for_back_ends_are_errors() {
    let rule =
        "`a.service.azure-devices.net` is a host name for back ends, which no device can use";
    for (table, place) in [
        (
            "hubs:\n a.service.azure-devices.net",
            "hubs hub/a.service.azure-devices.net RowKey",
        ),
        (
            "rules: hub\n acme/1 | a.service.azure-devices.net",
            "rules acme/1 hub",
        ),
        (
            "devices: hub\n d | a.service.azure-devices.net",
            "devices d/device hub",
        ),
        (
            "rollouts: to steps\n acme/1 | a.net;a.service.azure-devices.net | 1%",
            "rollouts acme/1 to",
        ),
        (
            "rollouts: from to steps\n acme/1 | A.Service.azure-devices.net | a.net | 1%",
            "rollouts acme/1 from",
        ),
    ] {
        cell(table, &format!("{place}: {rule}"), "remove `.service`");
    }
}

#[test]
fn two_rows_for_one_hub_are_an_error() {
    let error = "another row is for the same hub; keep one of them; NAME.device.azure-devices.net is the hub NAME.azure-devices.net";
    for second in &spellings("x")[1..] {
        findings(
            &format!("hubs:\n x.azure-devices.net\n {second}"),
            &format!("error: hubs hub/x.azure-devices.net, line 9: {error}"),
        );
    }
    let found = Policy::read(&tables(FLEET)).findings;
    assert_eq!(shown(&found), "");
}

#[test]
fn expressions_see_the_classic_name() {
    let fleet = |when: &str| {
        policy(&format!(
            "hubs:\n a.azure-devices.net\n enrollments: tenants deviceRows\n group | acme | optional\n \
             tenants:\n acme\n rules: when refuse\n acme/1 | {when} | true\n devices: hub\n \
             x | A.device.azure-devices.net"
        ))
    };
    let device = |on: &str| {
        Device::new("x")
            .linked(&["a.azure-devices.net"])
            .on(on)
            .with_row()
    };
    for on in spellings("a") {
        for when in [
            "currentHub == 'a.azure-devices.net'",
            "device.hub == currentHub",
        ] {
            assert_eq!(
                device(&on).decided(&fleet(when)),
                "refusedByRule",
                "{on} {when}"
            );
        }
    }
    let elsewhere = fleet("currentHub == 'gone.azure-devices.net'");
    let gone = device("Gone.device.azure-devices.net");
    assert_eq!(gone.decided(&elsewhere), "refusedByRule");
}
