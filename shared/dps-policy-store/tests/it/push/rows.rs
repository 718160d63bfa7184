//! Which rows a push writes.

use dps_allocation::tables::{ChangeKind, TableName, Tables};
use dps_policy_store::azure::StoreTable;
use dps_policy_store::push::{Plan, State};

use super::harness::{
    Place, contents, find, insert, lines, put, put_from, revision, sites, starter, stored, write,
};

/// `+ hubs hub/a` for each change that leads from what is stored to these tables.
async fn planned(place: &Place, wanted: &Tables, devices: bool) -> Vec<String> {
    let state = State::read(&place.client(), devices).await.unwrap();
    let changes = Plan::between(&state, wanted).unwrap().changes;
    let changes = changes.iter().map(|it| {
        let sign = match it.change {
            ChangeKind::Added => '+',
            ChangeKind::Removed => '-',
            ChangeKind::Changed => '~',
        };
        format!("{sign} {} {}/{}", it.table.as_str(), it.partition, it.row)
    });
    changes.collect()
}

#[tokio::test]
async fn the_starter_tables_come_into_empty_tables() {
    let (place, tables) = Place::with_starter().await;
    assert_eq!(stored(&place).await, Ok(revision(&tables)));
    assert_eq!(planned(&place, &tables, false).await, [""; 0]);
    let devices = StoreTable::Config(TableName::Devices);
    assert_eq!(place.client().rows(devices).await.unwrap(), []);
}

#[tokio::test]
async fn devices_are_pushed_where_they_were_read() {
    let (place, _) = Place::with_starter().await;
    let rows = lines(250, |n| format!("Pump-{n:04},device,tenant-a,,,,\n"));
    let tables = starter(&[(
        "devices",
        "pump-0042,device,tenant-a,eu-west,,,plant 7\npump-0043,device,tenant-a,sg,,,plant 9\n",
        &rows,
    )]);
    let state = State::read(&place.client(), true).await.unwrap();
    let mut seen = Vec::new();
    let progress = |done, all| seen.push((done, all));
    put_from(&place.client(), &state, &tables, false, progress)
        .await
        .unwrap();
    assert_eq!(planned(&place, &tables, true).await, [""; 0]);
    let numbers: Vec<_> = (1..=250).map(|done| (done, 250)).collect();
    assert_eq!(seen, numbers);
    let devices = StoreTable::Config(TableName::Devices);
    assert!(find(&place, devices, "pump-0249/device").await.is_some());
    assert_eq!(place.client().rows(devices).await.unwrap().len(), 250);
}

#[tokio::test]
async fn only_rows_that_differ_are_written() {
    let (place, _) = Place::with_starter().await;
    let edited = starter(&[
        (
            "hubs",
            "contoso-weu-1.azure-devices.net,westeurope,EU,factory,2",
            "contoso-weu-1.azure-devices.net,westeurope,EU,factory,7",
        ),
        (
            "rules",
            "contoso,200-heatpumps,first,registrationId.contains('-hpsd-'),heatpumps,,,heatpump,,\n",
            "",
        ),
        ("latency", "", "new-site,westeurope,3,\n"),
    ]);
    let expected = [
        "~ hubs hub/contoso-weu-1.azure-devices.net",
        "- rules contoso/200-heatpumps",
        "+ latency new-site/westeurope",
    ];
    assert_eq!(planned(&place, &edited, false).await, expected);
    let hub = "hub/contoso-eus-1.azure-devices.net";
    let hubs = StoreTable::Config(TableName::Hubs);
    let untouched = find(&place, hubs, hub).await;
    put(&place.client(), &edited).await.unwrap();
    assert_eq!(stored(&place).await, Ok(revision(&edited)));
    assert_eq!(find(&place, hubs, hub).await, untouched);
}

#[tokio::test]
async fn partitions_may_be_many_and_larger_than_a_batch() {
    let place = Place::new().await;
    let twins = lines(250, |n| format!("*,twin-{n:03},,\"{{\"\"n\"\": {n}}}\",\n"));
    let sites = lines(60, |n| format!("site-{n},westeurope,9,\n"));
    let tables = starter(&[("twins", "", &twins), ("latency", "", &sites)]);
    put(&place.client(), &tables).await.unwrap();
    assert_eq!(stored(&place).await, Ok(revision(&tables)));
    assert_eq!(planned(&place, &tables, false).await, [""; 0]);
    put(&place.client(), &starter(&[])).await.unwrap();
    assert_eq!(stored(&place).await, Ok(revision(&starter(&[]))));
}

#[tokio::test]
async fn a_row_that_cannot_be_stored_is_named_before_anything_is_written() {
    let (place, _) = Place::with_starter().await;
    let state = State::read(&place.client(), false).await.unwrap();
    let long = "x".repeat(40_000);
    let bad = starter(&[
        ("rules", "100-toasters", "100/toasters"),
        ("hubs", "2,,open,,\n", &format!("2,,open,,{long}\n")),
    ]);
    let errors = Plan::between(&state, &bad).unwrap_err();
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        errors,
        [
            "hubs: row `hub/contoso-weu-1.azure-devices.net`: the cell of `note` has 40000 UTF-16 units: at most 32768 are possible",
            "rules: the key `100/toasters` holds '/': `/`, `\\`, `#`, `?` and control characters cannot be in a key",
        ]
    );
}

#[tokio::test]
async fn pushing_what_is_there_changes_nothing() {
    let (place, _) = Place::with_starter().await;
    let tables = sites(3, 9);
    put(&place.client(), &tables).await.unwrap();
    let before = contents(&place).await;
    put(&place.client(), &tables).await.unwrap();
    assert_eq!(contents(&place).await, before);
}

#[tokio::test]
async fn a_device_that_is_wrong_is_not_a_fault_of_the_policy() {
    let (place, tables) = Place::with_starter().await;
    let wrong = insert("pump-1/device", &[("tenant", "nobody")]);
    let devices = StoreTable::Config(TableName::Devices);
    write(&place.client(), devices, vec![wrong]).await;
    let state = State::read(&place.client(), true).await.unwrap();
    assert_eq!(state.revision(), Some(revision(&tables)));
    put_from(&place.client(), &state, &tables, false, |_, _| {})
        .await
        .unwrap();
    assert!(find(&place, devices, "pump-1/device").await.is_none());
}
