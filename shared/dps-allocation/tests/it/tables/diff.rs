//! What two versions of the tables say differently.

use dps_allocation::tables::{ChangeKind, TableName, column_name, diff};
use proptest::prelude::*;

use crate::fleet::tables;

const FLEET: &str = "
    hubs: region geography pools weight note
    weu.net | westeurope | EU | gold, std | 5 | main
    eus.net | eastus | us
    tenants: residency
    acme | eu
";

/// The changes, one a line: `+ table keys`, `- table keys`, `~ table keys column: before -> after`.
fn shown(before: &str, after: &str) -> String {
    let mut lines = Vec::new();
    for change in diff(&tables(before), &tables(after)) {
        let keys = format!(
            "{} {}/{}",
            change.table.as_str(),
            change.partition,
            change.row
        );
        let cells = change.cells.iter().map(|cell| {
            let text = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
            format!(
                "{}: {} -> {}",
                cell.column,
                text(&cell.before),
                text(&cell.after)
            )
        });
        let cells = cells.collect::<Vec<_>>().join(", ");
        lines.push(match change.change {
            ChangeKind::Added => format!("+ {keys}"),
            ChangeKind::Removed => format!("- {keys}"),
            ChangeKind::Changed => format!("~ {keys} {cells}"),
        });
    }
    lines.join("\n")
}

#[track_caller]
fn check(find: &str, replace: &str, expected: &str) {
    assert_eq!(FLEET.matches(find).count(), 1, "{find}");
    assert_eq!(shown(FLEET, &FLEET.replace(find, replace)), expected);
}

#[test]
fn every_cell_that_says_something_else_is_named() {
    check("| 5 |", "| 6 |", "~ hubs hub/weu.net weight: 5 -> 6");
    check("| 5 |", "| - |", "~ hubs hub/weu.net weight: 5 -> -");
    check("| us", "| us | gold", "~ hubs hub/eus.net pools: - -> gold");
    check(
        "| main",
        "| spare",
        "~ hubs hub/weu.net note: main -> spare",
    );
    check("acme | eu", "acme | eu\nbeta", "+ tenants tenant/beta");
    check("acme | eu", "", "- tenants tenant/acme");
    check(
        "eus.net | eastus",
        "eun.net | eastus",
        "+ hubs hub/eun.net\n- hubs hub/eus.net",
    );
}

#[test]
fn spelling_is_not_a_difference() {
    check("gold, std", "[\"Gold\", \"std\"]", "");
    check("| EU |", "| eu |", "");
    check("weu.net |", "WEU.net |", "");
    check("| 5 |", "| 5.0 |", "");
    check("region geography pools", "Region geo_graphy POOLS", "");
    check("weight note", "weight NOTE", "");
}

#[test]
fn a_second_spelling_of_a_column_is_a_difference() {
    check(
        "pools weight note",
        "pools weight WEIGHT",
        "~ hubs hub/weu.net WEIGHT: - -> main, note: main -> -",
    );
    check(
        "weight note",
        "weight rowkey",
        "~ hubs hub/weu.net note: main -> -, rowkey: - -> main",
    );
}

#[test]
fn columns_are_named_as_documented() {
    let name = |name| column_name(TableName::Hubs, name);
    assert_eq!(name("row_key"), Some("RowKey"));
    assert_eq!(name("WEIGHT"), Some("weight"));
    assert_eq!(name("Note"), Some("note"));
    assert_eq!(name("OWNER"), Some("owner"));
    assert_eq!(name("Timestamp"), None);
    assert_eq!(name("desired"), None);
}

#[test]
fn invalid_cells_are_shown_as_written() {
    check("| 5 |", "| many |", "~ hubs hub/weu.net weight: 5 -> many");
    check("acme | eu", "acme | eu\nA B", "+ tenants tenant/A B");
}

#[test]
fn rows_with_the_same_keys_are_paired_one_by_one() {
    check("acme | eu", "acme | eu\nACME | us", "+ tenants tenant/acme");
    check(
        "acme | eu",
        "acme | us\nACME | eu",
        "~ tenants tenant/acme residency: eu -> us\n+ tenants tenant/acme",
    );
}

/// Tables with a few tenants, in any order.
fn fleet() -> impl Strategy<Value = String> {
    let row = ("[a-e]", prop::sample::select(&["", " | eu", " | us"][..]));
    let rows = prop::collection::vec(row, 0..6);
    rows.prop_map(|rows| {
        let rows: Vec<String> = rows.into_iter().map(|(id, cell)| id + cell).collect();
        format!("tenants: residency\n{}", rows.join("\n"))
    })
}

proptest! {
    #[test]
    fn a_difference_undone_is_its_mirror(one in fleet(), other in fleet()) {
        prop_assert_eq!(shown(&one, &one), "");
        let there = diff(&tables(&one), &tables(&other));
        let back = diff(&tables(&other), &tables(&one));
        prop_assert_eq!(there.len(), back.len());
        for (there, back) in there.iter().zip(&back) {
            prop_assert_eq!((there.before, there.after), (back.after, back.before));
        }
    }
}
