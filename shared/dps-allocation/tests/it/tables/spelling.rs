//! Cells as people and tools write them: what says the same is the same.

use dps_allocation::Policy;
use dps_allocation::tables::{TableName, Tables};

use crate::fleet::{Device, policy, shown, tables};

const FLEET: &str = "
    hubs: region geography pools weight tier state
    a.net | westeurope | eu | gold;std | 5 | 1 | draining
    b.net | 52.5,13.4 | us | gold
    enrollments: tenants deviceRows
    group | acme;beta | optional
    tenants: placement toleranceMs residency
    acme | latency | 20 | eu;us
    beta
    rules: refuse pools
    acme/9 | true | gold
    rollouts: to steps state pausedAt return include
    acme/go | b.net | 2026-12-01T00:00Z=1% 2026-12-08T00:00Z=10.5% | paused | 2026-12-02T00:00Z | true | pump-*;press-1
    latency: milliseconds
    berlin/westeurope | 12
";

/// The same policy with one cell written in another way.
#[track_caller]
fn same(cell: &str, other: &str) {
    assert_eq!(FLEET.matches(cell).count(), 1, "{cell}");
    let other = policy(&FLEET.replace(cell, other));
    assert_eq!(other.revision(), policy(FLEET).revision());
}

#[test]
fn numbers_may_come_as_text_integer_or_double() {
    for weight in ["5", "5.0", "5.", "05", "+5", "5.000"] {
        same("gold;std | 5", &format!("gold;std | {weight}"));
    }
    same("| 20 |", "| 20.0 |");
    same("westeurope | 12", "westeurope | 12.0");
}

#[test]
fn flags_may_come_as_text_or_number() {
    for flag in ["true", "True", "TRUE", "yes", "1"] {
        same("acme/9 | true", &format!("acme/9 | {flag}"));
    }
    let refused = |flag: &str| {
        let policy = policy(&FLEET.replace("acme/9 | true", &format!("acme/9 | {flag}")));
        Device::new("a").through("group").decided(&policy)
    };
    assert_eq!(refused("no"), refused("FALSE"));
    assert_eq!(refused("false"), refused("0"));
}

#[test]
fn words_and_names_have_no_case() {
    same("| draining", "| DRAINING");
    same("| latency |", "| Latency |");
    same("| paused |", "| Paused |");
    same("westeurope | eu |", "WestEurope | EU |");
    same("westeurope | eu |", "West Europe | Eu |");
    same("acme;beta |", "ACME;Beta |");
    same("acme/9", "ACME/9");
    same("acme/go | b.net", "Acme/go | B.NET");
    same("berlin/", "BER lin/");
    same("pump-*;press-1", "Pump-*;PRESS-1");
    same("52.5,13.4", "52.5, 13.4");
}

#[test]
fn lists_may_come_with_semicolons_commas_or_as_json() {
    for list in [
        "gold,std",
        " gold ; std ",
        "gold;std;",
        ";gold;;std",
        "[\"gold\", \"std\"]",
        "[\"Gold\",\"STD\"]",
        "gold, std",
    ] {
        same("eu | gold;std", &format!("eu | {list}"));
    }
    same("eu;us", "[\"eu\",\"us\"]");
    same("pump-*;press-1", "[\"pump-*\", \"press-1\"]");
    same("go | b.net", "go | [\"b.net\"]");
}

#[test]
fn times_may_come_in_any_iso_form() {
    for time in [
        "2026-12-02",
        "2026-12-02T00:00Z",
        "2026-12-02T00:00:00Z",
        "2026-12-02 00:00:00",
        "2026-12-02T01:00:00+01:00",
        "2026-12-02T00:00:00.0000000Z",
        "2026-12-02T00:00:00.000+00:00",
    ] {
        same("paused | 2026-12-02T00:00Z", &format!("paused | {time}"));
    }
    let steps = "2026-12-01T00:00Z=1% 2026-12-08T00:00Z=10.5%";
    same(steps, "2026-12-01=1% 2026-12-08=10.5%");
    same(steps, "2026-12-01=1.000%;2026-12-08=10.500%");
    same(steps, "2026-12-01T00:00:00Z=1%,  2026-12-08=10.5%");
    same(steps, "2026-12-01T02:00+02:00=1% 2026-12-08=10.5%");
}

#[test]
fn objects_are_compared_by_value() {
    let revision = |tags: &str| {
        let twin = format!("{FLEET}\n twins: tags\n */t | {tags}");
        policy(&twin).revision()
    };
    assert_eq!(
        revision(r#"{"a":1,"b":[1,2]}"#),
        revision(r#"{ "b" : [1, 2], "a": 1 }"#)
    );
    assert!(revision(r#"{"a":1}"#) != revision(r#"{"a":"1"}"#));
    assert!(revision(r#"{"a":[1,2]}"#) != revision(r#"{"a":[2,1]}"#));
}

#[test]
fn an_empty_cell_is_the_default() {
    let other = FLEET.replace(
        "b.net | 52.5,13.4 | us | gold",
        "b.net | 52.5,13.4 | us | gold | - | - | -",
    );
    assert_eq!(policy(&other).revision(), policy(FLEET).revision());
}

/// The hubs table, by columns and rows as a tool wrote them.
fn hubs(columns: &[&str], rows: &[&[&str]]) -> Policy {
    let mut tables: Tables = tables(FLEET);
    let table = tables.table_mut(TableName::Hubs);
    *table = dps_allocation::tables::Table::default();
    let columns: Vec<usize> = columns.iter().map(|name| table.column(name)).collect();
    for row in rows {
        table
            .push(None, columns.iter().copied().zip(row.iter().copied()))
            .unwrap();
    }
    let reading = Policy::read(&tables);
    reading
        .policy
        .unwrap_or_else(|| panic!("{}", shown(&reading.findings)))
}

const COLUMNS: [&str; 8] = [
    "PartitionKey",
    "RowKey",
    "region",
    "geography",
    "pools",
    "weight",
    "tier",
    "state",
];
const A: [&str; 8] = [
    "hub",
    "a.net",
    "westeurope",
    "eu",
    "gold;std",
    "5",
    "1",
    "draining",
];
const B: [&str; 8] = ["hub", "b.net", "52.5,13.4", "us", "gold", "", "  ", ""];

#[test]
fn columns_and_rows_may_come_in_any_order() {
    let revision = policy(FLEET).revision();
    assert_eq!(hubs(&COLUMNS, &[&A, &B]).revision(), revision);
    assert_eq!(hubs(&COLUMNS, &[&B, &A]).revision(), revision);
    let backwards = |row: [&'static str; 8]| row.into_iter().rev().collect::<Vec<_>>();
    let (a, b) = (backwards(A), backwards(B));
    assert_eq!(hubs(&backwards(COLUMNS), &[&a, &b]).revision(), revision);
}

#[test]
fn column_names_have_neither_case_nor_underscores() {
    let columns = [
        "partition_key",
        "ROWKEY",
        "Region",
        "geo_graphy",
        "POOLS",
        "_weight",
        "Tier_",
        "state",
    ];
    assert_eq!(
        hubs(&columns, &[&A, &B]).revision(),
        policy(FLEET).revision()
    );
}

#[test]
fn columns_of_tools_and_of_people_are_not_rules() {
    for column in [
        "Timestamp",
        "timestamp",
        "etag",
        "ETag",
        "odata.etag",
        "note",
        "Note",
        "owner",
        "OWNER",
        "weight@type",
        "PartitionKey@type",
        "x@odata.type",
        "Timestamp@type",
    ] {
        let columns: Vec<&str> = COLUMNS.into_iter().chain([column]).collect();
        let with =
            |row: [&'static str; 8], text| row.into_iter().chain([text]).collect::<Vec<&str>>();
        let (a, b) = (with(A, "Edm.Int32"), with(B, "x;[{"));
        let policy = hubs(&columns, &[&a, &b]);
        assert_eq!(
            policy.revision(),
            crate::fleet::policy(FLEET).revision(),
            "{column}"
        );
    }
}
