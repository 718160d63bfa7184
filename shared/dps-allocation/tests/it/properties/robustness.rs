//! Nothing that anybody writes makes the engine panic.

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{DeviceFact, Facts, Policy, Registration, decide, explain};
use proptest::prelude::*;
use proptest::sample::select;

use super::generate::fleet;
use super::registration::{Spelling, asked};

/// Texts that mean something in one cell or another, and any text.
fn cell() -> impl Strategy<Value = String> {
    let known = select(
        &[
            "",
            "hub",
            "tenant",
            "enrollment",
            "device",
            "*",
            "acme",
            "group-acme",
            "a.net",
            "HUB-0.azure-devices.net",
            "5",
            "5.0",
            "-1",
            "true",
            "no",
            "latency",
            "static",
            "open",
            "closed",
            "draining",
            "paused",
            "aborted",
            "running",
            "linear",
            "required",
            "optional",
            "replace",
            "red",
            "red;blue",
            "[\"red\"]",
            "[",
            "[]",
            ";",
            "eu",
            "berlin",
            "52.4,4.9",
            "nan,inf",
            "eastus",
            "payload.k == 1",
            "payload",
            "payload.",
            "{\"a\": \"${payload}\"}",
            "{\"a\": \"${\"}",
            "{}",
            "{\"a\": null}",
            "{",
            "2026-12-01",
            "2026-12-01T00:00Z",
            "2026-12-01=1% 2026-12-02=50%",
            "100%",
            "-009999-01-01=1%",
            "9999-12-31=1%",
            "2026-12-01=1% 2026-12-01=1%",
            "0.001%",
            "tenant-*",
            "**",
            "a*b*c",
            "\u{0}",
            "\u{202e}",
            "z\u{fc}rich",
            "99999999999999999999",
            "1e5",
            "x,expected y",
        ][..],
    );
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => ".{0,40}", 1 => "[ -~]{0,40}"]
}

fn column(table: TableName) -> impl Strategy<Value = String> {
    let known: Vec<String> = ["PartitionKey", "RowKey", "note"]
        .into_iter()
        .chain(table.columns().iter().map(|(column, _)| column.as_str()))
        .map(str::to_owned)
        .collect();
    prop_oneof![20 => select(known), 1 => ".{0,10}"]
}

/// One row of a table: any columns, any cells.
fn row() -> impl Strategy<Value = (TableName, Vec<(String, String)>)> {
    select(TableName::all().collect::<Vec<_>>()).prop_flat_map(|table| {
        (
            Just(table),
            prop::collection::vec((column(table), cell()), 0..10),
        )
    })
}

fn add(tables: &mut Tables, name: TableName, cells: &[(String, String)]) {
    let table = tables.table_mut(name);
    let cells: Vec<(usize, &str)> = cells
        .iter()
        .map(|(column, text)| (table.column(column), text.as_str()))
        .collect();
    table.push(None, cells).unwrap();
}

fn facts() -> Facts<'static> {
    Facts {
        now: "2026-12-01T12:00Z".parse().unwrap(),
        device: DeviceFact::NotRead,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_cells_panic(rows in prop::collection::vec(row(), 0..12), asked in asked()) {
        let mut tables = Tables::default();
        for (name, cells) in &rows {
            add(&mut tables, *name, cells);
        }
        let reading = Policy::read(&tables);
        let findings: Vec<String> = reading.findings.iter().map(ToString::to_string).collect();
        prop_assert!(reading.policy.is_some() || findings.iter().any(|line| line.starts_with("error:")));
        if let Some(policy) = reading.policy {
            asked.explain(&policy, Spelling::Upper);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_further_cells_of_a_good_policy_panic(
        fleet in fleet(),
        rows in prop::collection::vec(row(), 1..3),
        asked in asked(),
    ) {
        let mut tables = fleet.tables();
        for (name, cells) in &rows {
            add(&mut tables, *name, cells);
        }
        if let Some(policy) = Policy::read(&tables).policy {
            asked.explain(&policy, Spelling::Lower);
        }
    }

    #[test]
    fn no_request_panics(
        fleet in fleet(),
        asked in asked(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        payload in prop::option::of(".{0,60}"),
    ) {
        let policy = fleet.policy();
        let mut body = asked.body(Spelling::Mixed);
        if let Some(payload) = payload {
            body = body.replace("\"payload\":{", &format!("\"payload\":{payload}{{"));
        }
        let mut body = body.into_bytes();
        for (at, byte) in damage {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if let Ok(registration) = Registration::parse(&body) {
            let _ = decide(&policy, &registration, &facts());
            let _ = explain(&policy, &registration, &facts());
        }
    }
}

/// Tokens of CEL, well joined or not; nesting macros are few, since their cost multiplies.
fn source() -> impl Strategy<Value = String> {
    let token = select(
        &[
            "payload",
            "payload.k",
            "registrationId",
            "cert",
            "device",
            "tenant",
            ".a",
            ".?a",
            "[0]",
            "[?'a']",
            "1",
            "-1",
            "9223372036854775807",
            "18446744073709551615u",
            "1.5",
            "1e999",
            "'a'",
            "\"\\u00e9\"",
            "b'a'",
            "r'\\d'",
            "true",
            "null",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "?",
            "+",
            "-",
            "*",
            "/",
            "%",
            "==",
            "!=",
            "<",
            ">=",
            "&&",
            "||",
            "!",
            " in ",
            "size(",
            ".size()",
            ".matches('a+')",
            ".split('')",
            ".substring(1)",
            ".charAt(0)",
            ".format([1])",
            ".replace('a','b')",
            "int(",
            "string(",
            "type(",
            "dyn(",
            ".exists(x,x)",
            ".map(x,x)",
            "has(payload.a)",
            ".orValue(1)",
            " ",
            "\n",
            "//",
            "\\",
            "'",
            "\"\"\"",
            "$",
            "@",
            "\u{0}",
            "\u{fc}",
        ][..],
    );
    prop_oneof![
        6 => prop::collection::vec(token, 1..24).prop_map(|tokens| tokens.concat()),
        1 => ".{0,80}",
        1 => "[ -~]{0,80}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn no_expression_panics(source in source(), k in any::<i64>()) {
        let fleet = "hubs:\n a.net\n enrollments: tenants\n group | acme\n tenants:\n acme\n";
        let mut tables = crate::fleet::tables(fleet);
        let row = |cells: &[(&str, &str)]| -> Vec<(String, String)> {
            cells.iter().map(|(column, text)| ((*column).to_owned(), (*text).to_owned())).collect()
        };
        let rule = [("PartitionKey", "acme"), ("RowKey", "1"), ("when", &*source), ("hub", "a.net")];
        add(&mut tables, TableName::Rules, &row(&rule));
        if let Some(policy) = Policy::read(&tables).policy {
            let device = crate::fleet::Device::new("a").linked(&["a.net"]);
            let payload = serde_json::json!({"k": k, "a": ["a", 1, null, {"a": "\u{fc}"}]});
            device.payload(payload).explained(&policy);
        }
    }
}
