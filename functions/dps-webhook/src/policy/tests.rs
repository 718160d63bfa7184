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

#[test]
fn a_push_is_overdue_after_a_quarter_of_an_hour() {
    let begun = Timestamp::now();
    let is_overdue_after = |minutes| is_overdue(begun, begun + SignedDuration::from_mins(minutes));
    assert!(!is_overdue_after(-5), "the clock of the store is ahead");
    assert!(!is_overdue_after(15));
    assert!(is_overdue_after(16));
}

/// What a push leaves that nobody finishes: not an error, and not fresh for ever.
#[test]
fn a_policy_is_stale_when_a_push_is_overdue() {
    let (in_use, taken) = (in_use(), Timestamp::now());
    in_use.take(policy("1"), Vec::new(), taken);
    let push = |overdue| PushUnderWay {
        revision: "0123456789ab".to_owned(),
        by: PushedBy {
            identity: None,
            author: "ada".to_owned(),
        },
        since: taken,
        overdue,
    };
    let later = taken + SignedDuration::from_mins(10);
    assert!(in_use.pushing(push(false), later));
    assert!(!in_use.pushing(push(false), later));
    assert!(!in_use.is_stale(&in_use.status(), later));
    let much_later = taken + SignedDuration::from_mins(20);
    assert!(in_use.pushing(push(true), much_later), "news");
    assert!(in_use.is_stale(&in_use.status(), much_later));
}
