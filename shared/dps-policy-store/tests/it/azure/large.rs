//! A fleet with more rows than a page of Azure has: latency rows in the policy, device rows beside it.

use std::time::Duration;

use azurite::{Azurite, unique_prefix};
use dps_allocation::tables::TableName;
use dps_allocation::{Policy, RegistrationId};
use dps_policy_store::CsvFolder;
use dps_policy_store::azure::{AzureTables, Connection};
use serde_json::{Value, json};

/// Three pages, the last one not full: a page has 1,000 rows at most.
const LATENCY: usize = 2_500;

/// Two pages, of which none is read: a device is found by its key, first or last.
const DEVICES: usize = 1_500;

fn latency() -> impl Iterator<Item = (String, String)> {
    (0..LATENCY).map(|row| (format!("site-{row:05}"), (row % 300).to_string()))
}

/// The starter tables with the rows of the fleet, in CSV files.
fn in_files() -> String {
    let starter = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/policy");
    let mut tables = CsvFolder::new(starter).read().unwrap().tables;
    let table = tables.table_mut(TableName::Latency);
    let columns = ["PartitionKey", "RowKey", "milliseconds"].map(|name| table.column(name));
    for (site, milliseconds) in latency() {
        let cells = [&site, "westeurope", &milliseconds];
        table.push(None, columns.into_iter().zip(cells)).unwrap();
    }
    Policy::read(&tables).policy.unwrap().revision().to_string()
}

/// An Azurite of its own: thousands of rows would keep the shared one from answering others.
fn in_azurite() -> (Azurite, AzureTables) {
    let (azurite, prefix) = (Azurite::start(), unique_prefix());
    let starter = CsvFolder::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/policy"));
    let starter = starter.read().unwrap().tables;
    for name in TableName::all() {
        let table = starter.table(name);
        let columns: Vec<&str> = table.columns().collect();
        let mut rows: Vec<Value> = Vec::new();
        for row in table.rows() {
            let cells = row
                .cells()
                .map(|(column, text)| (columns[column].to_owned(), json!(text)));
            rows.push(cells.collect());
        }
        if name == TableName::Latency {
            let row = |(site, ms)| json!({"PartitionKey": site, "RowKey": "westeurope", "milliseconds": ms});
            rows.extend(latency().map(row));
        }
        if name == TableName::Devices {
            let row = |n| json!({"PartitionKey": format!("pump-{n:05}"), "RowKey": "device", "tenant": "tenant-a"});
            rows.extend((0..DEVICES).map(row));
        }
        let capital = name.as_str()[..1].to_uppercase();
        azurite.load(&format!("{prefix}{capital}{}", &name.as_str()[1..]), &rows);
    }
    let connection = Connection::parse(&azurite.connection_string()).unwrap();
    let tables = AzureTables::new(connection, prefix.parse().unwrap()).unwrap();
    (azurite, tables)
}

#[tokio::test]
async fn a_fleet_of_many_pages_is_the_same_policy_in_both_and_its_devices_are_found_one_by_one() {
    let (_azurite, tables) = in_azurite();
    let stored = tables.read().await.unwrap();
    assert_eq!(stored.tables.table(TableName::Devices).len(), 0);
    let policy = Policy::read(&stored.tables).policy.unwrap();
    assert_eq!(policy.revision().to_string(), in_files());
    assert_eq!(tables.poll().await.unwrap().fingerprint, stored.fingerprint);
    for (id, there) in [
        ("pump-00000", true),
        ("Pump-01499", true),
        ("pump-01500", false),
    ] {
        let id = RegistrationId::parse(id).unwrap();
        let found = tables.device(&id, Duration::from_mins(1)).await.unwrap();
        assert_eq!(found.is_some(), there, "{}", id.as_str());
    }
}
