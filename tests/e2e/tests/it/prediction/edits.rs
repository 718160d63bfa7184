//! Edits of rows by hand.

use std::fs;

use serde_json::{Value, json};

use super::devices;
use super::fleet::device;
use super::world::World;

const HUBS: [&str; 5] = [
    "contoso-weu-1.azure-devices.net",
    "contoso-eus-1.azure-devices.net",
    "contoso-sea-1.azure-devices.net",
    "contoso-toasters-hub-1098.azure-devices.net",
    "contoso-heatpumps-hub-1098.azure-devices.net",
];

fn numbered(number: usize) -> Value {
    let group = Some("contoso-custom-allocated-devices");
    let kinds = [
        // No part of an id is a value that another test of this process hides.
        ("tpm-gw-of-fleet", None),
        ("a-tstrsd", group),
        ("a-hpsd", group),
        ("nobody", Some("no-such-group")),
    ];
    let (name, group) = kinds[number % kinds.len()];
    // Every third device is new; the others are on some hub, of their pools or not.
    let hub = (!number.is_multiple_of(3)).then(|| HUBS[number / 3 % HUBS.len()]);
    let mut device = device(&format!("{name}-{number}"), group, hub, &HUBS);
    if number.is_multiple_of(50) {
        device["payload"] = json!({"quarantine": true});
    }
    device
}

#[tokio::test]
async fn a_preview_says_what_happens() {
    let count = devices(2000);
    let world = World::start((0..count).map(numbered).collect(), |_| {}).await;
    // A hub is closed, fewer devices match a rule, and another group is the tenant's.
    let edits = [
        (
            "hubs",
            "westeurope,EU,factory,2,,open",
            "westeurope,EU,factory,2,,closed",
        ),
        (
            "rules",
            "registrationId.contains('-hpsd-')",
            "registrationId.contains('-hpsd-1')",
        ),
        (
            "enrollments",
            "contoso-custom-allocated-devices,contoso",
            "no-such-group,contoso",
        ),
    ];
    let edit = |folder: &str| {
        for (table, from, to) in edits {
            let path = format!("{folder}/{table}.csv");
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "{table}: {from}");
            fs::write(path, text.replacen(from, to, 1)).unwrap();
        }
    };
    let change = world.change(edit).await;
    assert_eq!(change.summary["devices"], count);
    for kind in ["moved", "refused", "accepted"] {
        let many = change.summary[kind].as_u64() > Some(0);
        assert!(many, "{kind}: {}", change.summary);
    }
}
