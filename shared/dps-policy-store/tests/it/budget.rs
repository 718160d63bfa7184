//! What one read of all tables may take: exactly the limits pass, one more does not.

use std::fs;

use dps_allocation::tables::TableName;
use dps_policy_store::azure::{AzureTables, ReadError, StoreTable};
use dps_policy_store::{CsvFolder, Limits};
use tempfile::TempDir;

use crate::azure::{insert, row, tables};

/// Two tables with 6 rows and 3 columns that hold 87 bytes: keys, a note and a weight.
const ROWS: usize = 6;
const TEXT: usize = 87;
const COLUMNS: usize = 3;

fn limits(rows: usize, text: usize, columns: usize) -> Limits {
    Limits {
        rows,
        text,
        columns,
    }
}

/// `PartitionKey`, `RowKey`, and a third cell in the first table alone.
fn hubs() -> Vec<(String, String)> {
    let note = |number: usize| "é".repeat(if number == 0 { 6 } else { 5 });
    let hub = |number| (format!("h{number}"), note(number));
    (0..4).map(hub).collect()
}

const TENANTS: [&str; 2] = ["t-one", "t-twotwo"];

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let hubs = hubs();
    // Comments and spaces around a cell are no text of a table.
    let rows = hubs
        .iter()
        .map(|(hub, note)| format!("# {hub}\nhub, {hub} ,{note}\n"));
    let text = format!("PartitionKey,RowKey,note\n{}", rows.collect::<String>());
    fs::write(folder.path().join("hubs.csv"), text).unwrap();
    let rows = TENANTS.map(|tenant| format!("tenant,{tenant}\n"));
    let text = format!("PartitionKey,RowKey\n{}", rows.concat());
    fs::write(folder.path().join("tenants.csv"), text).unwrap();
    folder
}

async fn in_azurite() -> AzureTables {
    let tables = tables().await;
    let config = |name| StoreTable::Config(name);
    let hubs = hubs();
    let hubs = hubs
        .iter()
        .map(|(hub, note)| row("hub", hub, &[("note", note)]));
    insert(&tables, config(TableName::Hubs), hubs.collect()).await;
    let tenants = TENANTS.map(|tenant| row("tenant", tenant, &[]));
    insert(&tables, config(TableName::Tenants), tenants.to_vec()).await;
    tables
}

/// Each limit, and what is reported when it is one less; the others are out of reach.
fn cases() -> [(Limits, Limits, &'static str); 3] {
    const FAR: usize = 1_000_000;
    [
        (
            limits(ROWS, FAR, FAR),
            limits(ROWS - 1, FAR, FAR),
            "the tables have more than 5 rows in all",
        ),
        (
            limits(FAR, TEXT, FAR),
            limits(FAR, TEXT - 1, FAR),
            "the tables have more than 86 bytes of text in all",
        ),
        (
            limits(FAR, FAR, COLUMNS),
            limits(FAR, FAR, COLUMNS - 1),
            "hubs has more than 2 columns",
        ),
    ]
}

#[test]
fn files_up_to_the_limits_are_read_and_beyond_them_nothing_is() {
    let folder = folder();
    let csv = CsvFolder::new(folder.path());
    for (exact, less, rule) in cases() {
        let read = csv.read_within(exact).unwrap();
        assert_eq!(read.findings, [], "{exact:?}");
        assert_eq!(read.tables.table(TableName::Hubs).len(), 4);
        let over = csv.read_within(less).unwrap();
        let findings: Vec<&str> = over.findings.iter().map(|it| &*it.rule).collect();
        assert_eq!(findings, [rule]);
        for name in TableName::all() {
            let table = over.tables.table(name);
            assert!(table.is_empty() && table.is_incomplete(), "{name:?}");
        }
        assert_eq!(over.fingerprint, csv.fingerprint().unwrap());
    }
}

#[tokio::test]
async fn tables_up_to_the_limits_are_read_and_beyond_them_nothing_is() {
    let tables = in_azurite().await;
    for (exact, less, rule) in cases() {
        let read = tables.read_within(exact).await.unwrap();
        assert_eq!(read.tables.table(TableName::Hubs).len(), 4);
        assert_eq!(read.fingerprint, tables.poll().await.unwrap().fingerprint);
        let over = tables.read_within(less).await.unwrap_err();
        let ReadError::TooLarge { cause, .. } = over else {
            panic!("{over}");
        };
        assert_eq!(cause.to_string(), rule);
        assert_eq!(cause.finding().rule, rule);
    }
}

/// The webhook decides by rules alone; whoever edits a folder gets all of it.
#[test]
fn notes_count_and_are_left_out_where_only_rules_are_wanted() {
    let folder = folder();
    let csv = CsvFolder::new(folder.path());
    let columns = |tables: &dps_allocation::tables::Tables| {
        let columns = tables.table(TableName::Hubs).columns();
        columns.map(str::to_owned).collect::<Vec<_>>()
    };
    let all = csv.read().unwrap();
    assert_eq!(columns(&all.tables), ["PartitionKey", "RowKey", "note"]);
    let rules = csv.read_rules().unwrap();
    assert_eq!(columns(&rules.tables), ["PartitionKey", "RowKey"]);
    assert_eq!(
        (rules.findings, rules.fingerprint),
        (all.findings, all.fingerprint)
    );
}
