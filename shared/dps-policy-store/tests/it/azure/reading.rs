//! Reading what is there: pages, types, devices, fingerprints.

use std::time::Duration;

use azurite::Fault;
use dps_allocation::RegistrationId;
use dps_allocation::tables::{Table, TableName};
use dps_policy_store::Fingerprint;
use dps_policy_store::azure::{AzureTables, Change, KeyPart, StoreTable};

use super::{DEVICES, HUBS, TWINS, by_proxy, insert, key, list, name, raw, row, tables, write};

#[tokio::test]
async fn all_pages_of_a_table_are_read() {
    let tables = tables().await;
    let rows = (0..2_500).map(|number| row("hub", &format!("h{number:05}"), &[("weight", "1")]));
    insert(&tables, HUBS, rows.collect()).await;
    let read = tables.rows(HUBS).await.unwrap();
    assert_eq!(read.len(), 2_500);
    assert_eq!(list(&read[2_499..]), ["hub/h02499 weight=1"]);
    let stored = tables.read().await.unwrap();
    assert_eq!(stored.tables.table(TableName::Hubs).len(), 2_500);
    assert_eq!(stored.fingerprint, tables.poll().await.unwrap().fingerprint);
}

#[tokio::test]
async fn any_type_becomes_the_text_that_people_would_write() {
    let tables = tables().await;
    let entity = r#"{"PartitionKey":"p","RowKey":"r",
        "boolean":true, "int32":-5, "double":5.0, "fraction":1.1, "large":1e21,
        "int64":"9007199254740993", "int64@odata.type":"Edm.Int64",
        "instant":"2026-12-01T00:00:00Z", "instant@odata.type":"Edm.DateTime",
        "guid":"c9da6455-213d-42c9-9a79-3e9149a57833", "guid@odata.type":"Edm.Guid",
        "binary":"AAEC", "binary@odata.type":"Edm.Binary",
        "text":"zürich 🚀 \"x\"\n", "nothing":null}"#;
    raw::insert(&name(&tables, TWINS), entity).await;
    let rows = tables.rows(TWINS).await.unwrap();
    let cells: Vec<String> = rows[0]
        .cells
        .iter()
        .map(|(name, text)| format!("{name}={text}"))
        .collect();
    assert_eq!(
        cells,
        [
            "binary=AAEC",
            "boolean=true",
            "double=5",
            "fraction=1.1",
            "guid=c9da6455-213d-42c9-9a79-3e9149a57833",
            "instant=2026-12-01T00:00:00Z",
            "int32=-5",
            "int64=9007199254740993",
            "large=1e+21",
            "text=zürich 🚀 \"x\"\n",
        ]
    );
    assert!(rows[0].timestamp.is_some());
}

#[tokio::test]
async fn a_partition_is_read_by_itself() {
    let tables = tables().await;
    let rows = [
        row("a", "1", &[]),
        row("a", "2", &[]),
        row("ab", "1", &[]),
        row("b", "1", &[]),
    ];
    insert(&tables, StoreTable::Revisions, rows.to_vec()).await;
    let partition = KeyPart::parse("a").unwrap();
    let rows = tables
        .partition(StoreTable::Revisions, &partition)
        .await
        .unwrap();
    assert_eq!(list(&rows), ["a/1", "a/2"]);
}

#[tokio::test]
async fn devices_are_looked_up_and_not_read_with_the_policy() {
    let (tables, through, proxy) = by_proxy().await;
    insert(&tables, HUBS, vec![row("hub", "a.azure-devices.net", &[])]).await;
    // Most in one partition, since Azurite takes a hundred of these at once.
    let devices = (0..3_000).map(|number| row("fleet", &format!("{number:05}"), &[]));
    insert(&tables, DEVICES, devices.collect()).await;
    insert(
        &tables,
        DEVICES,
        vec![row("pump-41234", "device", &[("tenant", "t1")])],
    )
    .await;
    assert_eq!(tables.rows(DEVICES).await.unwrap().len(), 3_001);

    proxy.set(Fault::OnlyTo(
        name(&tables, DEVICES),
        Box::new(Fault::Forbidden { times: u32::MAX }),
    ));
    let stored = through.read().await.unwrap();
    assert!(stored.tables.table(TableName::Devices).is_empty());
    assert_eq!(proxy.requests(), 8, "seven tables and the pushes");
    through.poll().await.unwrap();
    assert_eq!(proxy.requests(), 16);

    proxy.set(Fault::None);
    assert_eq!(
        device(&through, "Pump-41234").await,
        ["pump-41234", "device", "t1"]
    );
    assert_eq!(device(&through, "pump-50000").await, [""; 0]);
    assert_eq!(
        proxy.requests(),
        20,
        "one a lookup, and one a spelling of a device without a row"
    );
    assert!(proxy.connections() <= 8, "connections are kept");
}

/// The cells of the row of a device.
async fn device(tables: &AzureTables, id: &str) -> Vec<String> {
    let id = RegistrationId::parse(id).unwrap();
    let found = tables.device(&id, Duration::from_mins(1)).await.unwrap();
    let cells = |table: &Table| {
        let cells = table.rows().flat_map(|row| {
            row.cells()
                .map(|(_, text)| text.to_owned())
                .collect::<Vec<_>>()
        });
        cells.collect()
    };
    found.map(|stored| cells(&stored.row)).unwrap_or_default()
}

/// Reads the fingerprint both ways.
async fn fingerprint(tables: &AzureTables) -> Fingerprint {
    let fingerprint = tables.poll().await.unwrap().fingerprint;
    assert_eq!(tables.read().await.unwrap().fingerprint, fingerprint);
    fingerprint
}

#[tokio::test]
async fn the_fingerprint_changes_with_every_edit_and_with_nothing_else() {
    let tables = tables().await;
    let mut seen = vec![fingerprint(&tables).await];
    let mut changed = async || {
        let now = fingerprint(&tables).await;
        assert!(!seen.contains(&now), "an edit");
        seen.push(now);
        assert_eq!(fingerprint(&tables).await, now, "no edit");
    };
    for table in TableName::all() {
        if table != TableName::Devices {
            insert(
                &tables,
                StoreTable::Config(table),
                vec![row("a", "1", &[("x", "1")])],
            )
            .await;
            changed().await;
        }
    }
    let version = async || tables.rows(HUBS).await.unwrap()[0].etag.clone();
    let same = row("a", "1", &[("x", "1")]);
    let other = row("a", "1", &[("x", "2")]);
    write(&tables, HUBS, vec![Change::Replace(other, version().await)])
        .await
        .unwrap();
    changed().await;
    write(&tables, HUBS, vec![Change::Replace(same, version().await)])
        .await
        .unwrap();
    changed().await;
    write(
        &tables,
        HUBS,
        vec![Change::Delete(key("a", "1"), version().await)],
    )
    .await
    .unwrap();
    changed().await;
    insert(&tables, StoreTable::Revisions, vec![row("push", "1", &[])]).await;
    changed().await;
    insert(
        &tables,
        StoreTable::Revisions,
        vec![row("revision", "1", &[])],
    )
    .await;
    insert(&tables, DEVICES, vec![row("pump", "device", &[])]).await;
    assert_eq!(
        fingerprint(&tables).await,
        *seen.last().unwrap(),
        "neither is part of the policy"
    );
}
