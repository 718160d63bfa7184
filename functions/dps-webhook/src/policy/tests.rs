use dps_allocation::tables::{TableName, Tables};

use super::*;

fn policy(weight: &str) -> Policy {
    let mut tables = Tables::default();
    let mut row = |table: TableName, cells: &[(&str, &str)]| {
        let table = tables.table_mut(table);
        let cells: Vec<_> = cells
            .iter()
            .map(|(name, text)| (table.column(name), *text))
            .collect();
        table.push(1, cells).unwrap();
    };
    let hub = ("RowKey", "weu.azure-devices.net");
    row(
        TableName::Hubs,
        &[("PartitionKey", "hub"), hub, ("weight", weight)],
    );
    row(
        TableName::Tenants,
        &[("PartitionKey", "tenant"), ("RowKey", "acme")],
    );
    let enrollment = [
        ("PartitionKey", "enrollment"),
        ("RowKey", "*"),
        ("tenants", "acme"),
    ];
    row(TableName::Enrollments, &enrollment);
    let reading = Policy::read(&tables);
    reading
        .policy
        .unwrap_or_else(|| panic!("{:?}", reading.findings))
}

fn in_use() -> PolicyInUse {
    PolicyInUse::new("test".to_owned(), Duration::from_secs(15))
}

/// What the refresh relies on when it drops an old policy in place of a request.
#[test]
fn an_old_policy_is_counted_as_long_as_a_request_uses_it() {
    let in_use = in_use();
    assert!(
        in_use
            .take(policy("1"), Vec::new(), Timestamp::now())
            .is_none()
    );
    let requests = [in_use.now(), in_use.now()];
    let old = in_use
        .take(policy("2"), Vec::new(), Timestamp::now())
        .unwrap();
    assert_eq!(Arc::strong_count(&old), 3);
    drop(requests);
    assert_eq!(Arc::strong_count(&old), 1);
}

#[test]
fn a_policy_is_stale_when_nobody_has_confirmed_it_for_a_minute() {
    let in_use = in_use();
    let taken = Timestamp::now();
    let is_stale_after =
        |seconds: u64| in_use.is_stale(&in_use.status(), taken + Duration::from_secs(seconds));
    assert!(is_stale_after(0), "there is none");
    in_use.take(policy("1"), Vec::new(), taken);
    assert!(!is_stale_after(0));
    assert!(!is_stale_after(60));
    assert!(is_stale_after(61));
    in_use.unchanged(taken + Duration::from_secs(15));
    assert!(!is_stale_after(75));
    in_use.unreadable("gone".to_owned(), taken);
    assert!(is_stale_after(16));
}

#[test]
fn an_unreadable_store_is_news_once_for_each_error() {
    let in_use = in_use();
    let now = Timestamp::now();
    let news = ["gone", "gone", "locked"].map(|error| in_use.unreadable(error.to_owned(), now));
    assert_eq!(news, [true, false, true]);
    assert!(in_use.unchanged(now), "can be read again");
    assert!(!in_use.unchanged(now));
    assert!(in_use.unreadable("gone".to_owned(), now));
}
