//! The same rows in CSV files and in tables are the same policy.

use std::path::Path;

use dps_allocation::Policy;
use dps_allocation::tables::{Table, TableName};
use dps_policy_store::azure::{AzureTables, Row, StoreTable, StoredRow};
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
    for name in TableName::ALL {
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
    for name in TableName::ALL {
        let rows = tables.rows(StoreTable::Config(name)).await.unwrap();
        let path = folder.path().join(format!("{}.csv", name.as_str()));
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
