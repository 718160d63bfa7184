use dps_allocation::tables::{TableName, Tables};

use dps_policy_store::PushedBy;
use jiff::SignedDuration;

use super::*;

fn policy(weight: &str) -> Policy {
    let mut tables = Tables::default();
    let mut row = |table: TableName, cells: &[(&str, &str)]| {
        let table = tables.table_mut(table);
        let cells: Vec<_> = cells
            .iter()
            .map(|(name, text)| (table.column(name), *text))
            .collect();
        table.push(None, cells).unwrap();
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
            .install(policy("1"), Vec::new(), Timestamp::now())
            .is_none()
    );
    let requests = [in_use.now(), in_use.now()];
    let old = in_use
        .install(policy("2"), Vec::new(), Timestamp::now())
        .unwrap();
    assert_eq!(Arc::strong_count(&old), 3);
    drop(requests);
    assert_eq!(Arc::strong_count(&old), 1);
}

#[test]
fn a_policy_that_was_not_confirmed_for_a_minute_is_stale() {
    let in_use = in_use();
    let installed = Timestamp::now();
    let is_stale_after =
        |seconds: u64| in_use.is_stale(&in_use.status(), installed + Duration::from_secs(seconds));
    assert!(is_stale_after(0), "there is none");
    in_use.install(policy("1"), Vec::new(), installed);
    assert!(!is_stale_after(0));
    assert!(!is_stale_after(60));
    assert!(is_stale_after(61));
    in_use.note_unchanged(installed + Duration::from_secs(15));
    assert!(!is_stale_after(75));
    in_use.note_unreadable("gone".to_owned(), installed);
    assert!(is_stale_after(16));
}

#[test]
fn an_unreadable_store_is_news_once_for_each_error() {
    let in_use = in_use();
    let now = Timestamp::now();
    let news =
        ["gone", "gone", "locked"].map(|error| in_use.note_unreadable(error.to_owned(), now));
    assert_eq!(news, [true, false, true]);
    assert!(in_use.note_unchanged(now), "can be read again");
    assert!(!in_use.note_unchanged(now));
    assert!(in_use.note_unreadable("gone".to_owned(), now));
}

/// Such as after a push that nobody finishes.
#[test]
fn a_policy_is_stale_when_a_push_is_overdue() {
    let (in_use, installed) = (in_use(), Timestamp::now());
    in_use.install(policy("1"), Vec::new(), installed);
    let push = |overdue| PushUnderWay {
        revision: "0123456789ab".to_owned(),
        by: PushedBy {
            identity: None,
            author: "ada".to_owned(),
        },
        since: installed,
        overdue,
    };
    let later = installed + SignedDuration::from_mins(10);
    assert!(in_use.note_push(push(false), later));
    assert!(!in_use.note_push(push(false), later));
    assert!(!in_use.is_stale(&in_use.status(), later));
    let much_later = installed + SignedDuration::from_mins(20);
    assert!(in_use.note_push(push(true), much_later), "news");
    assert!(in_use.is_stale(&in_use.status(), much_later));
}
