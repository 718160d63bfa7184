//! Groups: their text stands for the registration ids of their devices.

mod replays;
mod together;

use dps_allocation::DeviceFact;
use serde_json::{Value, json};

use crate::fleet::{Device, decided_by, findings, policy, steps};

/// Eight hubs: that two devices get the same one by chance is not likely in every case.
pub(crate) const HUBS: [&str; 8] = [
    "h1.net", "h2.net", "h3.net", "h4.net", "h5.net", "h6.net", "h7.net", "h8.net",
];

/// Ids that stand for groups, and ids of devices.
const GROUPS: [&str; 4] = ["gw-1", "building-7", "42", "vin:wvw-1"];

/// The tables; `more` are rollouts or rules.
fn fleet(group_from: &str, more: &str) -> String {
    format!(
        "hubs: weight\n{}\n
        enrollments: tenants deviceRows
        group | acme | optional
        tenants: groupFrom
        acme | {group_from}
        {more}
        devices: group
        in-row | GW-1
        spaced |   Building-7
        blank | -",
        HUBS.join("\n")
    )
}

fn device(id: &str) -> Device {
    Device::new(id).linked(&HUBS).with_row()
}

/// A device is where the device would be whose id is the text of the group.
#[track_caller]
fn check(group_from: &str, device: Device, group: &str) {
    let policy = policy(&fleet(group_from, ""));
    let alone = self::policy(&fleet("-", ""));
    let without_row = self::device(group).fact(DeviceFact::Missing);
    let expected = without_row.decided(&alone);
    assert_eq!(device.decided(&policy), expected, "{group}");
}

fn says(id: &str, payload: Value) -> Device {
    device(id).payload(payload)
}

#[test]
fn the_group_is_hashed_in_place_of_the_id() {
    for group in GROUPS {
        for id in ["a", "b", "leaf-3"] {
            let building = || says(id, json!({"building": group}));
            check("payload.building", building(), group);
            check("payload.building", building().on("gone.net"), group);
        }
    }
    check(
        "payload.building",
        says("a", json!({"building": "GW-1"})),
        "gw-1",
    );
    check(
        "payload.building",
        says("a", json!({"building": "  gw-1 "})),
        "gw-1",
    );
    check("payload.building", says("a", json!({"building": 42})), "42");
    check(
        "registrationId.split('.')[0]",
        device("GW-1.leaf-2"),
        "gw-1",
    );
    check("enrollment.id", device("a"), "group");
}

/// Tabs and line breaks are parts of the text, as in a claim of a tenant.
#[test]
fn nothing_else_is_folded() {
    let tables = policy(&fleet("payload.building", ""));
    let hubs = |building: &str| says("a", json!({"building": building})).decided(&tables);
    let others = ["gw-1\n", "\tgw-1", "gw-1\u{a0}", "gw\u{2010}1", "gw-l"].map(hubs);
    assert!(others.iter().any(|hub| *hub != hubs("gw-1")), "{others:?}");
}

#[test]
fn without_a_group_the_id_is_hashed() {
    for payload in [
        json!({}),
        json!({"building": ""}),
        json!({"building": "  "}),
        json!({"building": null}),
        json!({"building": 1.5}),
        json!({"building": true}),
        json!({"building": ["gw-1"]}),
        json!({"building": {"id": "gw-1"}}),
        json!("gw-1"),
    ] {
        check("payload.building", says("a", payload), "a");
    }
    check("payload.building", device("a"), "a");
    check("-", says("a", json!({"building": "gw-1"})), "a");
}

#[test]
fn the_devices_row_comes_before_group_from() {
    for group_from in ["-", "payload.building", "'other'"] {
        let other = || json!({"building": "other"});
        check(group_from, says("in-row", other()), "gw-1");
        check(group_from, says("spaced", other()), "building-7");
    }
    check(
        "payload.building",
        says("blank", json!({"building": "42"})),
        "42",
    );
    check("-", device("blank"), "blank");
    // A row that does not count has no group.
    let unread = device("in-row").fact(DeviceFact::Missing);
    check("-", unread, "in-row");
}

const ROLLOUT: &str = "rollouts: to from steps include exclude\n";

/// Whether a rollout takes a device that is on `h1.net`.
#[track_caller]
fn taken(rollout: &str, device: Device) -> bool {
    let tables = policy(&fleet("payload.building", &format!("{ROLLOUT}{rollout}")));
    let decided = device.on("h1.net").decided(&tables);
    assert!(
        ["h8.net rollout", "h1.net stay"].contains(&&*decided),
        "{decided}"
    );
    decided == "h8.net rollout"
}

#[test]
fn the_bucket_is_that_of_the_group() {
    let mut seen = [false; 2];
    for share in ["5%", "25%", "50%", "75%", "95%"] {
        for group in GROUPS {
            let rollout = format!("acme/go | h8.net | - | {share}");
            let expected = taken(&rollout, device(group));
            seen[usize::from(expected)] = true;
            for id in ["a", "b", "leaf-3"] {
                let device = says(id, json!({"building": group}));
                assert_eq!(taken(&rollout, device), expected, "{share} {group} {id}");
            }
        }
    }
    assert_eq!(seen, [true, true]);
}

/// Pins name single devices, so they can split a group.
#[test]
fn pins_name_ids_not_groups() {
    let member = |id: &str| says(id, json!({"building": "gw-1"}));
    let none = "acme/go | h8.net | - | 0%";
    assert!(taken(&format!("{none} | a"), member("a")));
    assert!(!taken(&format!("{none} | a"), member("b")));
    assert!(!taken(&format!("{none} | gw-1"), member("a")));
    let all = "acme/go | h8.net | - | 100%";
    assert!(!taken(&format!("{all} | - | a"), member("a")));
    assert!(taken(&format!("{all} | - | a"), member("b")));
    assert!(taken(&format!("{all} | - | gw-1"), member("a")));
    assert!(!taken(&format!("{all} | a | a"), member("a")));
}

#[test]
fn explain_names_the_group_and_the_row() {
    let tables = policy(&fleet("payload.building", ""));
    let of = |device: Device| {
        let explanation = device.explained(&tables);
        let steps = steps(&explanation).join("\n");
        let weight = steps.contains("the weighted hash of the group over");
        (steps, weight, decided_by(&explanation))
    };
    let (found, weight, _) = of(says("a", json!({"building": "GW-1\u{7}"})));
    let step = "group: groupFrom `payload.building` -> `gw-1`, which is hashed in place of the id \
                [tenants tenant/acme]";
    assert!(found.contains(step) && weight, "{found}");
    let (found, weight, _) = of(device("in-row"));
    let step = "group: the group in the device's row -> `gw-1`, which is hashed in place of the id \
                [devices in-row/device]";
    assert!(found.contains(step) && weight, "{found}");
    let (found, weight, _) = of(device("a"));
    let step = "group: groupFrom `payload.building` -> no group: the registration id is hashed \
                [tenants tenant/acme]";
    assert!(found.contains(step) && !weight, "{found}");
    let long = "x".repeat(10_000);
    let (found, ..) = of(says("a", json!({"building": long})));
    assert!(!found.contains(&"x".repeat(129)), "{found}");
    let without = policy(&fleet("-", ""));
    let found = steps(&device("a").explained(&without)).join("\n");
    assert!(!found.contains("group:"), "{found}");
}

#[test]
fn a_group_is_a_text_or_a_whole_number() {
    for (group_from, expected) in [
        (
            "payload.building == 'x'",
            "column groupFrom: `payload.building == 'x'` gives bool",
        ),
        ("iotEdge", "column groupFrom: `iotEdge` gives bool, and"),
        ("payload.buildin(", "column groupFrom:"),
        ("device.gruop", "`device` has no member `gruop`"),
    ] {
        let found = findings(&fleet(group_from, ""));
        assert!(found.contains(expected), "{group_from}: {found}");
    }
    assert_eq!(findings(&fleet("payload.building", "")), "");
}
