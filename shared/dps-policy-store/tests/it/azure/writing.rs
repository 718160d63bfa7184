//! Batches: all or nothing, versions, conflicts.

use dps_policy_store::azure::{Change, ETag, WriteError};

use super::{HUBS, insert, key, list, row, tables, write};

#[tokio::test]
async fn a_batch_answers_a_version_for_each_row() {
    let tables = tables().await;
    insert(
        &tables,
        HUBS,
        vec![row("a", "1", &[("x", "1"), ("y", "1")]), row("a", "2", &[])],
    )
    .await;
    let before = tables.rows(HUBS).await.unwrap();
    let changes = vec![
        Change::Insert(row("a", "3", &[("x", "3")])),
        Change::Replace(row("a", "1", &[("x", "2")]), before[0].etag.clone()),
        Change::Delete(key("a", "2"), before[1].etag.clone()),
    ];
    let etags = write(&tables, HUBS, changes).await.unwrap();
    let after = tables.rows(HUBS).await.unwrap();
    assert_eq!(list(&after), ["a/1 x=2", "a/3 x=3"], "replaced, not merged");
    let versions = [
        Some(after[1].etag.clone()),
        Some(after[0].etag.clone()),
        None,
    ];
    assert_eq!(etags, versions);
}

/// Makes three changes, the second of which fails; the table stays as it was.
async fn check(failing: impl FnOnce(ETag) -> Change, refused: &str) {
    let tables = tables().await;
    insert(&tables, HUBS, vec![row("a", "1", &[("x", "1")])]).await;
    let stale = tables.rows(HUBS).await.unwrap()[0].etag.clone();
    let newer = vec![Change::Replace(row("a", "1", &[("x", "2")]), stale.clone())];
    write(&tables, HUBS, newer).await.unwrap();
    let changes = vec![
        Change::Insert(row("a", "0", &[])),
        failing(stale),
        Change::Insert(row("a", "9", &[])),
    ];
    let error = write(&tables, HUBS, changes).await.unwrap_err();
    let WriteError::Conflict { key, code, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(format!("{key} {code}"), refused);
    assert_eq!(
        list(&tables.rows(HUBS).await.unwrap()),
        ["a/1 x=2"],
        "nothing was written"
    );
}

#[tokio::test]
async fn a_stale_version_is_a_conflict() {
    let replace = |stale| Change::Replace(row("a", "1", &[]), stale);
    check(replace, "a/1 UpdateConditionNotSatisfied").await;
    let delete = |stale| Change::Delete(key("a", "1"), stale);
    check(delete, "a/1 UpdateConditionNotSatisfied").await;
}

#[tokio::test]
async fn a_row_that_is_there_already_is_a_conflict() {
    check(
        |_| Change::Insert(row("a", "1", &[])),
        "a/1 EntityAlreadyExists",
    )
    .await;
}

#[tokio::test]
async fn a_row_that_is_gone_is_a_conflict() {
    check(
        |stale| Change::Delete(key("a", "5"), stale),
        "a/5 ResourceNotFound",
    )
    .await;
}

#[tokio::test]
async fn of_two_editors_the_second_gets_a_conflict() {
    let tables = tables().await;
    insert(&tables, HUBS, vec![row("a", "1", &[("x", "0")])]).await;
    let etag = tables.rows(HUBS).await.unwrap()[0].etag.clone();
    let edit = |text: &str| {
        let change = Change::Replace(row("a", "1", &[("x", text)]), etag.clone());
        let tables = tables.clone();
        async move { write(&tables, HUBS, vec![change]).await }
    };
    let (first, second) = tokio::join!(edit("1"), edit("2"));
    let winner = if first.is_ok() { "a/1 x=1" } else { "a/1 x=2" };
    assert_eq!(list(&tables.rows(HUBS).await.unwrap()), [winner]);
    let error = first.and(second).unwrap_err();
    assert!(matches!(error, WriteError::Conflict { .. }), "{error:?}");
}

#[tokio::test]
async fn missing_tables_are_made_once() {
    let tables = super::client(
        &azurite::shared().connection_string(),
        &azurite::unique_prefix(),
    );
    let missing = tables.missing_tables().await.unwrap();
    assert_eq!(missing.len(), 9);
    assert_eq!(tables.create_missing_tables().await.unwrap(), missing);
    assert_eq!(tables.missing_tables().await.unwrap(), [""; 0]);
    assert_eq!(tables.create_missing_tables().await.unwrap(), [""; 0]);
}
