//! Findings: those about the policy as a whole, and their form.

mod cells;
mod expression_errors;
mod expression_limits;
mod expression_names;
mod expressions;
mod locations;
mod rollouts;
mod rows;
mod traps;

use std::num::NonZeroU32;

use dps_allocation::tables::TableName;
use dps_allocation::{Policy, Severity};

use crate::fleet::{findings, shown, tables};

/// A policy without findings, in six lines; in what follows, `//` begins a line, the first is 7.
const GOOD: &str = "hubs:\n a.net\n enrollments: tenants\n group | acme\n tenants:\n acme\n";

/// Further tables in a few words, one case a line, each with its only error:
/// `tables => table row column: rule`; the error is in line 8, and all have this help.
#[track_caller]
pub(crate) fn cells(help: &str, cases: &str) {
    for case in cases.lines().map(str::trim).filter(|case| !case.is_empty()) {
        let (further, rule) = case.split_once(" => ").expect("tables => error");
        cell(&further.replace(" // ", "\n"), rule, help);
    }
}

/// The only error of further tables.
#[track_caller]
pub(crate) fn cell(further: &str, rule: &str, help: &str) {
    let findings = findings(&format!("{GOOD}{further}"));
    let errors: Vec<&str> = findings
        .lines()
        .filter(|line| line.starts_with("error:"))
        .collect();
    let (place, rule) = rule.split_once(": ").expect("place: rule");
    let (row, column) = place.rsplit_once(' ').expect("row column");
    assert_eq!(
        errors,
        [format!(
            "error: {row}, line 8, column {column}: {rule}; {help}"
        )]
    );
}

/// All findings with further tables, one a line.
#[track_caller]
pub(crate) fn check(further: &str, expected: &str) {
    whole(&format!("{GOOD}{further}"), expected);
}

/// All findings of a policy, one a line.
#[track_caller]
fn whole(policy: &str, expected: &str) {
    let findings = findings(&policy.replace(" // ", "\n"));
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(findings.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_good_policy_has_no_findings() {
    check("", "");
}

#[test]
fn a_policy_has_hubs_enrollments_and_tenants() {
    whole(
        "",
        "error: hubs: there is no hub; add a row for each hub that DPS may answer with
        error: enrollments: there is no enrollment; add a row for each enrollment whose allocation policy is this webhook
        error: tenants: there is no tenant; add a row for each tenant; a single-tenant fleet has one",
    );
}

#[test]
fn a_policy_has_no_more_hubs_than_fit() {
    let hubs = |count: usize| {
        let rows: Vec<String> = (0..count).map(|n| format!(" // h{n}.net")).collect();
        rows.concat()
    };
    check(&format!("hubs:{}", hubs(255)), "");
    check(
        &format!("hubs:{}", hubs(256)),
        "error: hubs: there are more than 256 hubs; split the policy, one for each Device Provisioning Service",
    );
}

#[test]
fn a_tenant_that_no_hub_can_serve_is_an_error() {
    let fleet = "hubs: geography pools // a.net | EU | x // b.net | US | y // enrollments: tenants // \
                 g | acme // tenants: pools residency // acme";
    let error = "error: tenants tenant/acme, line 7, column pools: pools and residency together leave no \
                 hub; widen pools or residency, or add a hub that is in both";
    whole(&format!("{fleet} | x | US"), error);
    whole(&format!("{fleet} | y | EU"), error);
    whole(&format!("{fleet} | x;y | US"), "");
    whole(&format!("{fleet} | y | US;EU"), "");
}

#[test]
fn a_tenant_whose_open_hubs_have_no_weight_is_an_error_rollout_targets_aside() {
    let fleet = |hubs: &str, rest: &str| {
        format!(
            "enrollments: tenants // g | * // tenants: // acme // beta // hubs: weight state // {hubs} // {rest}"
        )
    };
    let error = |tenant: &str, line: u32| {
        format!(
            "error: tenants tenant/{tenant}, line {line}, column pools: every open hub of the tenant has \
             weight 0; give at least one of the tenant's open hubs a weight"
        )
    };
    whole(&fleet("a.net | 0", "tenants:"), &error("acme", 4));
    whole(
        &fleet("a.net | 0 // b.net | 1 | draining", "tenants:"),
        &error("acme", 4),
    );
    whole(&fleet("a.net | 0 // b.net | 1", "tenants:"), "");
    whole(&fleet("a.net | 0 | draining", "tenants:"), "");
    // Targets of rollouts are tried before they get a weight.
    whole(
        &fleet("a.net | 0", "rollouts: to steps // */go | a.net | 1%"),
        "",
    );
    let own = "rollouts: to steps // acme/go | a.net | 1%";
    whole(&fleet("a.net | 0", own), &error("beta", 5));
    whole(
        &fleet("a.net | 0", &own.replace("acme", "beta")),
        &error("acme", 4),
    );
    // The weight that is left is not the tenant's: its own rollout leads to it.
    whole(
        &fleet("a.net | 0 // b.net | 1", &own.replace("a.net", "b.net")),
        &error("acme", 4),
    );
}

#[test]
fn a_tenant_whose_hubs_are_closed_is_a_warning() {
    whole(
        "enrollments: tenants // g | acme // tenants: // acme // hubs: state // a.net | closed",
        "warning: tenants tenant/acme, line 4: every hub of the tenant is closed; its devices are refused until a hub is open or draining",
    );
}

#[test]
fn a_rollout_across_a_residency_wall_is_an_error() {
    let fleet = "hubs: geography // a.net | EU // b.net | US // c.net // enrollments: tenants // g | * // \
                 tenants: residency // acme | EU // beta // rollouts: to steps from";
    let rollout = |row: &str| format!("{fleet} // {row}");
    let error = |row: &str| {
        format!(
            "error: rollouts {row}, line 11, column to: it moves devices of tenant `acme` across its \
             residency; name hubs of the same geography in `to`, or limit `from`"
        )
    };
    whole(&rollout("acme/go | b.net | 1%"), &error("acme/go"));
    whole(&rollout("acme/go | a.net;b.net | 1%"), &error("acme/go"));
    whole(&rollout("acme/go | c.net | 1%"), &error("acme/go"));
    whole(&rollout("acme/go | a.net | 1%"), "");
    whole(&rollout("beta/go | b.net | 1%"), "");
    whole(&rollout("*/go | b.net | 1%"), &error("*/go"));
    whole(&rollout("*/go | b.net | 1% | c.net"), "");
    whole(&rollout("*/go | a.net;b.net | 1%"), "");
}

#[test]
fn rows_that_never_decide_are_warnings() {
    check(
        "rules: when // acme/1 // acme/2 | iotEdge",
        "warning: rules acme/2, line 9: rule `1` always matches first; reorder the rules by their RowKey, or remove one",
    );
    check(
        "rules: when // acme/1 | iotEdge // acme/2 | payload.x // acme/3 | iotEdge",
        "warning: rules acme/3, line 10: rule `1` always matches first; reorder the rules by their RowKey, or remove one",
    );
    check("rules: when // acme/1 // */1 | iotEdge", "");
    check(
        "twins: tags // acme/t | {}",
        "warning: twins acme/t, line 8: no row names the twin; name it in a `twin` column, or remove it",
    );
    // Device rows that are read one by one may name any.
    check(
        "twins: tags // acme/t | {} // enrollments: tenants deviceRows // g2 | acme | optional",
        "",
    );
    check(
        "devices: // d",
        "warning: devices: no enrollment asks for device rows; set deviceRows of an enrollment to optional or required, or remove the rows",
    );
    check(
        "latency: milliseconds // berlin/westeurope | 5",
        "warning: latency: no tenant and no rule uses placement latency; set placement to latency for a tenant or rule, or remove the rows
        warning: latency berlin/westeurope, line 8, column RowKey: no hub is in the region `westeurope`; correct the region, or remove the row",
    );
    check(
        "rules: placement // */1 | latency // latency: milliseconds // berlin/westeurope | 5",
        "warning: latency berlin/westeurope, line 10, column RowKey: no hub is in the region `westeurope`; correct the region, or remove the row",
    );
}

/// The findings of a good policy in which one table has other columns and one row, in line 7.
#[track_caller]
fn table(name: TableName, columns: &[&str], cells: &[&str], expected: &str) {
    let mut tables = tables(GOOD);
    let table = tables.table_mut(name);
    *table = dps_allocation::tables::Table::default();
    let columns: Vec<usize> = columns.iter().map(|column| table.column(column)).collect();
    table
        .push(
            NonZeroU32::new(7),
            columns.into_iter().zip(cells.iter().copied()),
        )
        .unwrap();
    let reading = Policy::read(&tables);
    assert!(
        reading
            .findings
            .iter()
            .all(|finding| finding.severity == Severity::Error)
    );
    assert_eq!(shown(&reading.findings).lines().next(), Some(expected));
}

#[test]
fn key_columns_are_needed_and_have_their_words() {
    table(
        TableName::Devices,
        &["RowKey", "tenant"],
        &["device", "acme"],
        "error: devices, column PartitionKey: the key column is missing; add the column; it comes first",
    );
    table(
        TableName::Devices,
        &["PartitionKey"],
        &["pump-1"],
        "error: devices, column RowKey: the key column is missing; add the column; it comes first",
    );
    table(
        TableName::Devices,
        &["PartitionKey", "RowKey"],
        &["pump-1", "pump"],
        "error: devices pump-1/pump, line 7, column RowKey: `pump` is not one of device; write one of these words",
    );
}

#[test]
fn findings_without_a_line_or_in_json_leave_out_what_they_have_not() {
    let mut tables = tables(GOOD);
    let hubs = tables.table_mut(TableName::Hubs);
    let columns = ["PartitionKey", "RowKey", "weight"].map(|name| hubs.column(name));
    hubs.push(None, columns.into_iter().zip(["hub", "b.net", "x"]))
        .unwrap();
    let findings = Policy::read(&tables).findings;
    assert_eq!(
        shown(&findings),
        "error: hubs hub/b.net, column weight: `x` is not a whole number from 0 to 1000; write digits \
         only, or leave the cell empty for the default"
    );
    assert_eq!(
        serde_json::to_value(&findings[0]).unwrap(),
        serde_json::json!({
            "severity": "error",
            "table": "hubs",
            "row": "hub/b.net",
            "column": "weight",
            "rule": "`x` is not a whole number from 0 to 1000",
            "help": "write digits only, or leave the cell empty for the default",
        })
    );
}
