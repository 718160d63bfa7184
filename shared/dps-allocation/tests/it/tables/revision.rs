//! The revision: a content hash, the same on every instance and another after every edit.

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Policy, RevisionPrefix};

use crate::fleet::{policy, tables};

/// Every column of every table holds something; no row is the default.
const FULL: &str = r#"
    hubs: region geography pools weight tier state twin
    a.net | westeurope | EU | std;new | 1 | 2 | draining | t
    b.net | northeurope | EU | std | 3 | 0 | open | t
    enrollments: tenants tenantFrom location deviceRows twin
    group | acme;beta | payload.tenant | berlin | optional | t
    tenants: state pools residency placement toleranceMs withoutLocation onReprovision locationFrom twin reply salt
    acme | active | std | EU | latency | 5 | refuse | replace | payload.where | t | {"a": 1} | pepper
    beta | suspended | std | EU | static | 6 | weighted | stay | payload.there | u | {"a": 2} | thyme
    rules: when pools hub placement twin refuse
    acme/100 | iotEdge | std | a.net | weighted | u | false
    rollouts: from to cohort when steps ramp state pausedAt return include exclude salt twin
    acme/go | a.net | b.net | new | iotEdge | 2026-12-01=1% | linear | paused | 2026-12-02 | true | p-* | q-* | s | u
    latency: milliseconds
    berlin/westeurope | 12
    twins: tags desired
    */t | {"x": 1} | {"y": 1}
    acme/u | {"x": 2} | {"y": 2}
    beta/u | {"x": 3} | {"y": 3}
    devices: tenant location hub twin
    pump-1 | acme | berlin | a.net | t
"#;

#[test]
fn the_revision_is_a_published_value() {
    // Changes only with the content or the canonical form; then every instance shows another one.
    let published = "28212c0725734d2c7dfd702a569d3f3983f5166618d0f7446dac5d7fa70237ec";
    assert_eq!(policy(FULL).revision().to_string(), published);
    let revision = policy(FULL).revision();
    assert_eq!(
        serde_json::to_value(revision).unwrap(),
        revision.to_string()
    );
}

/// Objects within objects, numbers and texts in every spelling.
const NESTED: &str = r#"
    hubs: twin
    a.net | t
    enrollments: tenants
    group | acme
    tenants: reply
    acme | {"to": {"z": [{"b": 1, "a": 2.50}, []], "y": null}, "at": "\u00fc\t\ud83d\ude00"}
    twins: tags desired
    */t | {"site": {"room": {"z": true, "a": false}, "floor": -0}} | {"n": {"u": 4503599627370495, "e": 1e2, "f": [0.1, 1E-7]}, "N": {}}
"#;

#[test]
fn the_revision_of_nested_twins_is_a_published_value() {
    let published = "31b7bfb029456d20878f75cc194346d6fcf2526b852e566aea41f8f00ac064ac";
    assert_eq!(policy(NESTED).revision().to_string(), published);
    let reordered = NESTED
        .replace(r#"{"b": 1, "a": 2.50}"#, r#"{"a":2.5,"b":1}"#)
        .replace(r#"{"z": true, "a": false}"#, r#"{ "a":false, "z":true }"#)
        .replace(r#", "N": {}}"#, "}")
        .replace(r#"| {"n":"#, r#"| {"N": {}, "n":"#)
        .replace("1e2", "100.0")
        .replace("\\u00fc", "ü");
    assert!(reordered != NESTED);
    assert_eq!(policy(&reordered).revision(), policy(NESTED).revision());
}

/// The tables again, with one cell (counted over all) changed by `edit`.
fn edited(
    tables: &Tables,
    at: usize,
    edit: impl Fn(&str) -> Option<&'static str>,
) -> Option<Tables> {
    let mut copy = Tables::default();
    let mut seen = 0;
    let mut found = false;
    for name in TableName::all() {
        let columns: Vec<&str> = tables.table(name).columns().collect();
        let target = copy.table_mut(name);
        for column in &columns {
            target.column(column);
        }
        for row in tables.table(name).rows() {
            let mut cells: Vec<(usize, &str)> = Vec::new();
            for (column, text) in row.cells() {
                let hit = seen == at;
                seen += 1;
                found |= hit;
                match hit.then(|| edit(columns[column])) {
                    Some(Some(other)) => cells.push((column, other)),
                    Some(None) => {}
                    None => cells.push((column, text)),
                }
            }
            target.push(row.line(), cells).unwrap();
        }
    }
    found.then_some(copy)
}

/// Another value that the column admits.
fn other(column: &str) -> &'static str {
    match column {
        "region" | "location" => "eastus",
        "geography" | "residency" => "EU;EU",
        "pools" => "new;std",
        "weight" | "tier" | "toleranceMs" | "milliseconds" => "77",
        "state" => "running",
        "tenants" => "*",
        "tenantFrom" | "locationFrom" | "when" => "payload.other",
        "deviceRows" => "required",
        "placement" => "latency",
        "withoutLocation" => "weighted",
        "onReprovision" => "stay",
        "reply" | "tags" | "desired" => "{\"z\": 9}",
        "salt" => "sugar",
        "hub" | "from" => "b.net",
        "to" => "a.net",
        "refuse" => "true",
        "cohort" => "existing",
        "steps" => "2026-12-01=2%",
        "ramp" => "step",
        "pausedAt" => "2026-12-03",
        "return" => "false",
        "include" | "exclude" => "r-*",
        "twin" => "w",
        "tenant" => "beta",
        _ => panic!("{column}"),
    }
}

fn digest(tables: &Tables) -> [u8; 32] {
    dps_allocation::tables::Canonical::read(tables).0.digest()
}

#[test]
fn a_change_of_any_cell_is_another_revision_but_devices_do_not_count() {
    let full = tables(FULL);
    let cells = |name: TableName| {
        full.table(name)
            .rows()
            .map(|row| row.cells().count())
            .sum::<usize>()
    };
    let count: usize = TableName::all().map(cells).sum();
    let rules = count - cells(TableName::Devices);
    for at in 0..count {
        let removed = edited(&full, at, |_| None).unwrap();
        assert_eq!(digest(&removed) != digest(&full), at < rules, "{at}");
        let is_key = |column: &str| ["PartitionKey", "RowKey"].contains(&column);
        let mut changed = edited(&full, at, |column| {
            Some(if is_key(column) { "key" } else { other(column) })
        });
        let same_state = changed
            .as_ref()
            .is_some_and(|tables| digest(tables) == digest(&full));
        if same_state && at < rules {
            // The word was there already.
            changed = edited(&full, at, |_| Some("static"));
        }
        assert_eq!(
            digest(&changed.unwrap()) != digest(&full),
            at < rules,
            "{at}"
        );
    }
    assert!(edited(&full, count, |_| None).is_none());
}

#[test]
fn cells_do_not_run_together() {
    let revision = |text: &str| policy(text).revision();
    let fleet = "hubs: pools geography\n a.net | x | y\n enrollments: tenants\n g | acme\n tenants: salt\n acme";
    assert!(revision(&format!("{fleet} | ab")) != revision(&format!("{fleet} | a")));
    assert!(revision(fleet) != revision(&fleet.replace("x | y", "y | x")));
    assert!(revision(fleet) != revision(&fleet.replace("x | y", "xy | -")));
    assert!(revision(fleet) != revision(&fleet.replace("x | y", "- | xy")));
    // A salt keeps its case.
    assert!(revision(&format!("{fleet} | Ab")) != revision(&format!("{fleet} | ab")));
}

#[test]
fn a_policy_says_how_many_rows_each_table_has() {
    let policy: Policy = policy(FULL);
    let rows = TableName::all().map(|table| policy.rows(table));
    assert_eq!(rows.collect::<Vec<_>>(), [2, 1, 2, 1, 1, 1, 3, 1]);
}

#[test]
fn the_first_digits_of_a_revision_stand_for_it() {
    let revision = policy(FULL).revision();
    let whole = revision.to_string();
    assert_eq!(revision.short().to_string(), whole[..12]);
    for digits in [7, 8, 12, 63, 64] {
        for text in [&whole[..digits], &whole[..digits].to_uppercase()] {
            let prefix: RevisionPrefix = text.parse().unwrap();
            assert_eq!(prefix.to_string(), whole[..digits]);
            assert!(prefix.matches(revision), "{prefix}");
            assert_eq!(prefix.is_whole(), digits == 64, "{prefix}");
            assert!(!prefix.matches(policy(NESTED).revision()), "{prefix}");
        }
    }
    // The last digit counts.
    let other = if whole.ends_with('0') { "1" } else { "0" };
    let prefix: RevisionPrefix = format!("{}{other}", &whole[..63]).parse().unwrap();
    assert!(!prefix.matches(revision));
    assert!(!prefix.agrees_with(&revision.into()));
    assert!(revision.short().agrees_with(&prefix) && prefix.agrees_with(&revision.short()));
}

#[test]
fn what_is_not_a_revision_is_an_error() {
    let too_long = "a".repeat(65);
    for text in [
        "",
        "a1b2c3",
        &too_long,
        "+1b2c3d4e5f6",
        "a1b2c3d4e5fg",
        "é1b2c3d4e5f",
    ] {
        let error = text.parse::<RevisionPrefix>().unwrap_err().to_string();
        assert!(error.starts_with("it is not a revision; "), "{text}");
    }
}
