//! Rows and columns that other tools have spelled their own way.

use std::collections::BTreeSet;

use dps_allocation::tables::TableName;
use dps_policy_store::azure::{AzureTables, StoreTable};
use dps_policy_store::push::{Plan, State};

use super::harness::{
    Place, contents, edit, insert, now, put, put_from, revision, starter, stored, write,
};

const HUBS: StoreTable = StoreTable::Config(TableName::Hubs);
const TENANTS: StoreTable = StoreTable::Config(TableName::Tenants);
const DEVICES: StoreTable = StoreTable::Config(TableName::Devices);

async fn keys(store: &AzureTables, table: StoreTable) -> Vec<String> {
    let rows = store.rows(table).await.unwrap();
    rows.iter().map(|row| row.key.to_string()).collect()
}

#[tokio::test]
async fn rows_are_written_under_the_documented_names() {
    let place = Place::new().await;
    let tables = starter(&[
        (
            "hubs",
            "PartitionKey,RowKey,region,geography,pools,weight,tier,state,twin,note",
            "partition_key,ROWKEY,REGION,Geography,pools,WEIGHT,Owner,State,Timestamp,NOTE",
        ),
        ("hubs", "2,,open,,", "2,ops,open,2026-01-01T00:00:00Z,first"),
    ]);
    put(&place.client(), &tables).await.unwrap();
    let rows = place.client().rows(HUBS).await.unwrap();
    let weu = rows
        .iter()
        .find(|row| row.key.row.as_str().starts_with("contoso-weu-1"));
    let cell = |name: &str| {
        let mut cells = weu.unwrap().cells.iter();
        cells.find_map(|(column, text)| (column == name).then(|| text.clone()))
    };
    assert_eq!(cell("note").as_deref(), Some("first"));
    assert_eq!(cell("owner").as_deref(), Some("ops"));
    let names = rows.iter().flat_map(|row| &row.cells);
    let names: BTreeSet<&str> = names.map(|(name, _)| name.as_str()).collect();
    let documented = [
        "geography",
        "note",
        "owner",
        "pools",
        "region",
        "state",
        "weight",
    ];
    assert!(names.into_iter().eq(documented));
    assert_eq!(stored(&place).await, Ok(revision(&tables)));
    let state = State::read(&place.client(), false).await.unwrap();
    assert_eq!(Plan::between(&state, &tables).unwrap().changes, []);
}

#[tokio::test]
async fn rows_with_odd_keys_are_replaced_in_place() {
    let place = Place::new().await;
    let store = place.client();
    write(
        &store,
        TENANTS,
        vec![
            insert("Tenant/CONTOSO", &[("State", "Suspended")]),
            insert("tenant/Tenant-A", &[("pools", "factory")]),
            insert("tenant/tenant-a", &[("pools", "other")]),
        ],
    )
    .await;
    put(&store, &starter(&[])).await.unwrap();
    assert_eq!(
        keys(&store, TENANTS).await,
        ["Tenant/CONTOSO", "tenant/Tenant-A"]
    );
    assert_eq!(stored(&place).await, Ok(revision(&starter(&[]))));
}

#[tokio::test]
async fn two_spellings_of_a_column_in_different_rows_are_one_column() {
    let (place, tables) = Place::with_starter().await;
    for (column, hub, region, geography) in [
        ("Weight", "weu", "westeurope", "EU"),
        ("WEIGHT", "eus", "eastus", "US"),
    ] {
        let keys = format!("hub/contoso-{hub}-1.azure-devices.net");
        let weight = if hub == "weu" { "2" } else { "1" };
        let cells = [
            ("Region", region),
            ("geography", geography),
            ("pools", "factory"),
            (column, weight),
            ("state", "open"),
        ];
        edit(&place, TableName::Hubs, &keys, &cells).await;
    }
    assert_eq!(stored(&place).await, Ok(revision(&tables)));
    let state = State::read(&place.client(), false).await.unwrap();
    assert_eq!(Plan::between(&state, &tables).unwrap().changes, []);
}

/// A row where a column is there twice is an error, whose row a push puts right.
async fn check_twice(first: (&str, &str), second: (&str, &str)) {
    let (place, tables) = Place::with_starter().await;
    let keys = "hub/contoso-weu-1.azure-devices.net";
    let cells = [
        ("region", "westeurope"),
        ("geography", "EU"),
        ("pools", "factory"),
        ("state", "open"),
        first,
        second,
    ];
    edit(&place, TableName::Hubs, keys, &cells).await;
    let findings = stored(&place).await.unwrap_err();
    assert!(
        findings.contains("another column has the same name"),
        "{findings}"
    );
    put(&place.client(), &tables).await.unwrap();
    assert_eq!(stored(&place).await, Ok(revision(&tables)));
}

#[tokio::test]
async fn two_spellings_of_a_column_in_one_row_are_put_right() {
    check_twice(("Weight", "2"), ("weight", "2")).await;
    check_twice(("Weight", "9"), ("weight", "2")).await;
    check_twice(("weight", "9"), ("weigh_t", "2")).await;
    check_twice(("weight", "2"), ("rowkey", "other.azure-devices.net")).await;
}

#[tokio::test]
async fn of_two_spellings_of_a_device_the_one_that_lookups_find_is_kept() {
    let (place, tables) = Place::with_starter().await;
    let store = place.client();
    write(
        &store,
        DEVICES,
        vec![
            insert("PUMP-0042/device", &[("tenant", "tenant-a")]),
            insert("pump-0042/device", &[("tenant", "contoso")]),
            insert("Pump-0043/Device", &[("tenant", "contoso")]),
        ],
    )
    .await;
    let state = State::read(&store, true).await.unwrap();
    put_from(&store, &state, &tables, false, |done, all| {
        assert!(done <= all);
    })
    .await
    .unwrap();
    assert_eq!(
        keys(&store, DEVICES).await,
        ["pump-0042/device", "pump-0043/device"]
    );
    let before = contents(&place).await;
    let state = State::read(&store, true).await.unwrap();
    put_from(&store, &state, &tables, false, |_, _| {})
        .await
        .unwrap();
    assert_eq!(contents(&place).await, before);
}

/// Keys that are spelled anew: whoever looks up the device meanwhile finds a row.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_never_without_a_row() {
    let (place, tables) = Place::with_starter().await;
    let store = place.client();
    let odd = ["PUMP-0042/device", "Pump-0043/DEVICE"];
    let odd = odd.map(|keys| insert(keys, &[("tenant", "tenant-a")]));
    for row in odd {
        write(&store, DEVICES, vec![row]).await;
    }
    let state = State::read(&store, true).await.unwrap();
    let mut fewest = usize::MAX;
    put_from(&store, &state, &tables, false, |_, _| {
        fewest = fewest.min(now(keys(&place.client(), DEVICES)).len());
    })
    .await
    .unwrap();
    assert_eq!(fewest, 2);
    let found = keys(&store, DEVICES).await;
    assert_eq!(found, ["pump-0042/device", "pump-0043/device"]);
}
