//! Against a real Azurite, directly or by way of a proxy that breaks things.

mod access;
mod contract;
mod faults;
mod large;
mod limits;
mod quoting;
mod raw;
mod reading;
mod recorded;
mod secrets;
mod writing;

use azurite::{Azurite, FaultProxy};
use dps_allocation::tables::TableName;
use dps_policy_store::azure::{
    AzureTables, Change, Connection, Key, Row, StoreTable, StoredRow, TablePrefix,
};
use support::{Account, write};

const HUBS: StoreTable = StoreTable::Config(TableName::Hubs);
const TWINS: StoreTable = StoreTable::Config(TableName::Twins);
const DEVICES: StoreTable = StoreTable::Config(TableName::Devices);

fn client(connection: &str, prefix: &str) -> AzureTables {
    let connection = Connection::parse(connection).unwrap();
    AzureTables::new(connection, prefix.parse().unwrap()).unwrap()
}

/// A client of the shared Azurite, with all tables.
pub(crate) async fn tables() -> AzureTables {
    Account::with_tables().await.direct()
}

/// Two clients of the same tables: one directly, one by way of the proxy.
async fn by_proxy() -> (AzureTables, AzureTables, FaultProxy) {
    by_proxy_of(azurite::shared()).await
}

async fn by_proxy_of(azurite: &Azurite) -> (AzureTables, AzureTables, FaultProxy) {
    let account = Account::on(azurite);
    account.create_tables().await;
    let proxy = account.proxy();
    (account.direct(), account.by(&proxy), proxy)
}

fn key(partition: &str, row: &str) -> Key {
    support::key(&format!("{partition}/{row}"))
}

pub(crate) fn row(partition: &str, row: &str, cells: &[(&str, &str)]) -> Row {
    support::row(&format!("{partition}/{row}"), cells)
}

pub(crate) async fn insert(tables: &AzureTables, table: StoreTable, rows: Vec<Row>) {
    let changes = rows.into_iter().map(Change::Insert).collect();
    write(tables, table, changes).await.unwrap();
}

/// `partition/row a=1 b=2`, one text per row.
fn list(rows: &[StoredRow]) -> Vec<String> {
    let text = |row: &StoredRow| {
        let cells = row
            .cells
            .iter()
            .map(|(name, text)| format!(" {name}={text}"));
        format!("{}{}", row.key, cells.collect::<String>())
    };
    rows.iter().map(text).collect()
}

fn prefix_of(tables: &AzureTables) -> String {
    let text = tables.to_string();
    let (_, prefix) = text.split_once("prefix `").unwrap();
    prefix.trim_end_matches('`').to_owned()
}

fn name(tables: &AzureTables, table: StoreTable) -> String {
    let prefix: TablePrefix = prefix_of(tables).parse().unwrap();
    table.name(&prefix)
}
