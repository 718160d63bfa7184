//! A device's row that was read by its key decides as the same row of the policy's own table.

use dps_allocation::tables::{Table, TableName};
use dps_allocation::{
    Decision, DeviceFact, DeviceRecord, Explanation, Facts, Policy, Registration, explain,
};

use crate::fleet::{Device, policy, shown, tables};

const FLEET: &str = "
    hubs: region geography twin
    weu.net | westeurope | EU
    eus.net | eastus | US
    enrollments: tenants deviceRows
    group | acme;beta | required
    tenants: placement locationFrom
    acme | latency
    beta | latency | device.location
    twins: tags
    acme/pump | {\"own\": true}
    */pump | {\"own\": false}
    */seen | {\"at\": \"${device.location}\"}
    */serial | {\"all\": \"${device.attributes}\"}
";

fn record(row: &str) -> Result<DeviceRecord, String> {
    let mut tables = tables(&format!(
        "devices: tenant location hub twin residency group attributes\n{row}"
    ));
    let table: Table = std::mem::take(tables.table_mut(TableName::Devices));
    DeviceRecord::read(table).map_err(|findings| shown(&findings))
}

/// The explanation with the row read by its key, as JSON.
fn by_key(policy: &Policy, row: &str) -> serde_json::Value {
    let record = record(row).unwrap();
    let found = policy.recorded_device(&record).unwrap().unwrap();
    let body = Device::new("d").body();
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let facts = Facts {
        now: "2026-12-01T12:00Z".parse().unwrap(),
        device: DeviceFact::Row(found),
    };
    json(&explain(policy, &registration, &facts))
}

fn json(explanation: &Explanation) -> serde_json::Value {
    serde_json::to_value(explanation).unwrap()
}

#[test]
fn the_decision_is_the_same_as_with_the_policys_own_table() {
    let apart = policy(FLEET);
    for row in [
        "d | acme",
        "d | ACME | Boston",
        "d | acme | 52.4, 4.9 | - | pump",
        "d | beta | boston | - | seen",
        "d | beta | berlin | EUS.net | pump",
        "D | beta | nowhere-that-any-row-names",
        "d | acme | boston | - | - | eu",
        "d | acme | - | weu.net | - | US",
        "d | acme | - | - | - | US;EU",
        "d | beta | - | - | - | - | Building 7",
        "d | beta | - | - | - | - | gw-2",
        r#"d | beta | - | - | serial | eu | - | {"serial": "S-1", "n": {"a": [1.5]}}"#,
        "d | beta | - | - | serial | - | gw-2 | {}",
    ] {
        let own = policy(&format!(
            "{FLEET}\ndevices: tenant location hub twin residency group attributes\n{row}"
        ));
        assert_eq!(own.revision(), apart.revision());
        let own = json(&Device::new("d").with_row().explained(&own));
        assert_eq!(by_key(&apart, row), own, "{row}");
    }
}

#[track_caller]
fn finding(row: &str, expected: &str) {
    let policy = policy(FLEET);
    let found = match record(row) {
        Ok(record) => shown(&policy.recorded_device(&record).unwrap_err()),
        Err(findings) => findings,
    };
    assert!(found.contains(expected), "{found}");
    // The same words as where the row comes with the policy.
    let own = tables(&format!(
        "{FLEET}\ndevices: tenant location hub twin residency group attributes\n{row}"
    ));
    let own = shown(&Policy::read(&own).findings);
    assert!(own.contains(expected), "{own}");
}

#[test]
fn a_row_with_errors_says_where() {
    finding(
        "d | nobody",
        "column tenant: tenant `nobody` is not in the tenants table",
    );
    finding(
        "d | - | - | far.net",
        "column hub: hub `far.net` is not in the hubs table",
    );
    finding(
        "d | acme | - | - | x",
        "column twin: there is no twin `x` for `acme` or `*`",
    );
    finding(
        "d | - | - | not a host",
        "column hub: `not a host` is not a host name",
    );
}

#[test]
fn a_missing_row_is_not_an_error() {
    let record = DeviceRecord::read(Table::default()).unwrap();
    assert!(policy(FLEET).recorded_device(&record).unwrap().is_none());
}

#[test]
fn an_invalid_row_is_never_a_refusal() {
    let policy = policy(FLEET);
    let device = Device::new("d").fact(DeviceFact::Invalid);
    device.decide(&policy, |decision| {
        assert!(matches!(decision, Decision::Unavailable(_)), "{decision:?}");
    });
}
