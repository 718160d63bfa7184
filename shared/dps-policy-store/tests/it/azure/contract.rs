//! The same rows in CSV files and in tables are the same policy.

use std::path::Path;
use std::time::Duration;

use dps_allocation::tables::{Table, TableName, Tables};
use dps_allocation::{Policy, RegistrationId};
use dps_policy_store::azure::{AzureTables, Row, StoreTable, StoredRow};
use dps_policy_store::push::{Plan, Push, State, push};
use dps_policy_store::{CsvFolder, StoredTables};
use tempfile::TempDir;

use super::{insert, key, tables};

fn starter() -> StoredTables {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/policy");
    CsvFolder::new(path).read().unwrap()
}

fn revision(stored: &StoredTables) -> String {
    assert_eq!(stored.findings, []);
    let policy = Policy::read(&stored.tables).policy.unwrap();
    policy.revision().to_string()
}

/// The rows of a table, as rows to write.
fn rows(table: &Table) -> Vec<Row> {
    let columns: Vec<&str> = table.columns().collect();
    let row = |row: dps_allocation::tables::Row<'_>| {
        let cells = row
            .cells()
            .map(|(column, text)| (columns[column].to_owned(), text.to_owned()));
        let (keys, cells): (Vec<_>, Vec<_>) =
            cells.partition(|(name, _)| name == "PartitionKey" || name == "RowKey");
        Row::new(key(&keys[0].1, &keys[1].1), cells).unwrap()
    };
    table.rows().map(row).collect()
}

async fn starter_in_tables() -> AzureTables {
    let (tables, starter) = (tables().await, starter());
    for name in TableName::all() {
        insert(
            &tables,
            StoreTable::Config(name),
            rows(starter.tables.table(name)),
        )
        .await;
    }
    tables
}

#[tokio::test]
async fn the_starter_policy_has_the_same_revision_in_both() {
    let tables = starter_in_tables().await;
    let stored = tables.read().await.unwrap();
    assert!(!stored.tables.table(TableName::Hubs).is_empty());
    assert_eq!(revision(&stored), revision(&starter()));
}

/// A device row under these keys: whether the device `pump-1` has it in a folder, whether it has it
/// in tables where somebody has stored it so, and what a check of the tables says of the keys.
async fn check_key(partition: &str, row_key: &str, expected: (bool, bool, &str)) {
    let id = RegistrationId::parse("pump-1").unwrap();
    let folder = TempDir::new().unwrap();
    let starter_folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/policy");
    for name in TableName::all() {
        let file = name.file_name();
        std::fs::copy(starter_folder.join(&file), folder.path().join(&file)).unwrap();
    }
    let text = format!("PartitionKey,RowKey,tenant\n{partition},{row_key},contoso\n");
    std::fs::write(folder.path().join("devices.csv"), text).unwrap();
    let wanted = CsvFolder::new(folder.path()).read().unwrap().tables;
    let policy = Policy::read(&wanted).policy;
    let in_folder = policy.is_some_and(|policy| policy.device(&id).is_some());

    let tables = tables().await;
    insert(
        &tables,
        super::DEVICES,
        vec![super::row(partition, row_key, &[("tenant", "contoso")])],
    )
    .await;
    let find = async || tables.device(&id, Duration::from_mins(1)).await.unwrap();
    let found = find().await.is_some();
    let findings = tables.add_devices(&mut Tables::default()).await.unwrap();
    let severities: Vec<String> = findings
        .iter()
        .map(|it| it.to_string().split(':').next().unwrap().to_owned())
        .collect();
    let seen = (in_folder, found, &*severities.join(" "));
    assert_eq!(seen, expected, "{partition}/{row_key}");

    // A push of the same rows makes both agree.
    let state = State::read(&tables, true).await.unwrap();
    let plan = Plan::between(&state, &wanted).unwrap();
    let by = Push {
        revision: Policy::read(&wanted).policy.unwrap().revision(),
        tables: &wanted,
        author: "ada",
        reason: "a reason",
        report: None,
        resume: false,
    };
    push(&tables, &state, &plan, &by, |_, _| {}).await.unwrap();
    let stored = find().await.unwrap();
    assert_eq!((stored.row.len(), stored.findings.len()), (1, 0));
    let keys: Vec<String> = tables
        .rows(super::DEVICES)
        .await
        .unwrap()
        .iter()
        .map(|it| it.key.to_string())
        .collect();
    assert_eq!(keys, ["pump-1/device"]);
    let state = State::read(&tables, true).await.unwrap();
    assert_eq!(Plan::between(&state, &wanted).unwrap().changes, []);
}

#[tokio::test]
async fn a_device_has_the_same_row_in_both_however_its_keys_are_spelled() {
    check_key("pump-1", "device", (true, true, "")).await;
    check_key("PUMP-1", "device", (true, true, "warning")).await;
    check_key("pump-1", "Device", (true, true, "warning")).await;
    check_key("PUMP-1", "DEVICE", (true, true, "warning")).await;
    // Told apart from no row by a check only: nobody can ask for every spelling.
    check_key("Pump-1", "device", (true, false, "error")).await;
}

/// A table as Storage Explorer exports it: all columns of any row, everything in quotes.
fn exported(rows: &[StoredRow]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let names = rows
        .iter()
        .flat_map(|row| row.cells.iter().map(|(name, _)| name.as_str()));
    let names: std::collections::BTreeSet<&str> = names.collect();
    let columns: Vec<String> = names
        .iter()
        .map(|name| format!(",{name},{name}@type"))
        .collect();
    let mut lines = vec![format!("PartitionKey,RowKey,Timestamp{}", columns.concat())];
    for row in rows {
        let mut line = vec![
            quoted(row.key.partition.as_str()),
            quoted(row.key.row.as_str()),
        ];
        line.push(
            row.timestamp
                .map(|time| time.to_string())
                .unwrap_or_default(),
        );
        for name in &names {
            let cell = row.cells.iter().find(|(other, _)| other == name);
            line.push(cell.map(|(_, text)| quoted(text)).unwrap_or_default());
            line.push("String".to_owned());
        }
        lines.push(line.join(","));
    }
    lines.join("\r\n")
}

#[tokio::test]
async fn an_export_of_the_tables_is_a_folder_of_the_same_policy() {
    let (tables, folder) = (starter_in_tables().await, TempDir::new().unwrap());
    for name in TableName::all() {
        let rows = tables.rows(StoreTable::Config(name)).await.unwrap();
        let path = folder.path().join(name.file_name());
        std::fs::write(path, exported(&rows)).unwrap();
    }
    let stored = CsvFolder::new(folder.path()).read().unwrap();
    assert_eq!(revision(&stored), revision(&starter()));
}

#[tokio::test]
async fn values_of_other_types_are_the_same_policy() {
    let tables = starter_in_tables().await;
    let hubs = tables
        .rows(StoreTable::Config(TableName::Hubs))
        .await
        .unwrap();
    let name = super::name(&tables, StoreTable::Config(TableName::Hubs));
    for hub in &hubs {
        let mut entity = format!(
            r#"{{"PartitionKey":"{}","RowKey":"{}""#,
            hub.key.partition, hub.key.row
        );
        for (name, text) in &hub.cells {
            // As `az storage entity` and Storage Explorer store numbers.
            let cell = match name.as_str() {
                "weight" => format!(r#","{name}":{text}.0"#),
                "tier" => format!(r#","{name}":"{text}","{name}@odata.type":"Edm.Int64""#),
                _ => format!(r#","{name}":"{text}""#),
            };
            entity.push_str(&cell);
        }
        super::raw::replace(&name, &hub.key, &format!("{entity}}}")).await;
    }
    assert_eq!(
        revision(&tables.read().await.unwrap()),
        revision(&starter())
    );
}
