//! Somebody edits rows by hand while a push is made.

use dps_allocation::tables::TableName;
use dps_policy_store::azure::{Change, StoreTable};
use dps_policy_store::push::{PushError, State};

use super::harness::{
    Place, contents, edit, find, insert, key, now, put, put_from, resume, revision, sites, stored,
    write,
};

const LATENCY: StoreTable = StoreTable::Config(TableName::Latency);

/// What another editor does to the row with these keys.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Change(&'static str),
    Add(&'static str),
    Delete(&'static str),
}

impl Edit {
    async fn make(self, place: &Place) {
        let store = place.client();
        match self {
            Self::Change(keys) => {
                edit(place, TableName::Latency, keys, &[("milliseconds", "77")]).await;
            }
            Self::Add(keys) => {
                write(
                    &store,
                    LATENCY,
                    vec![insert(keys, &[("milliseconds", "77")])],
                )
                .await;
            }
            Self::Delete(keys) => {
                let row = find(place, LATENCY, keys).await.unwrap();
                write(&store, LATENCY, vec![Change::Delete(key(keys), row.etag)]).await;
            }
        }
    }

    fn keys(self) -> &'static str {
        match self {
            Self::Change(keys) | Self::Add(keys) | Self::Delete(keys) => keys,
        }
    }
}

/// Makes the edit when that many rows are written (none: before the first); returns the error.
async fn edited(place: &Place, when: Option<usize>, edit: Edit) -> PushError {
    let (store, wanted) = (place.client(), sites(9, 9));
    let state = State::read(&store, false).await.unwrap();
    if when.is_none() {
        edit.make(place).await;
    }
    let progress = |done, _| {
        if Some(done) == when {
            now(edit.make(place));
        }
    };
    put_from(&store, &state, &wanted, false, progress)
        .await
        .unwrap_err()
}

/// The edit is kept, and nothing of the push is there.
async fn check(when: Option<usize>, edit: Edit) {
    let (place, twin) = (Place::new().await, Place::new().await);
    for place in [&place, &twin] {
        put(&place.client(), &sites(6, 5)).await.unwrap();
    }
    let error = edited(&place, when, edit).await;
    assert!(
        matches!(error, PushError::Conflict(_)),
        "{edit:?} {error:?}"
    );
    let expected = format!(
        "somebody has edited the row `{}` of latency in the meantime; nothing was changed: compare again",
        edit.keys(),
    );
    assert_eq!(error.to_string(), expected);
    edit.make(&twin).await;
    assert_eq!(contents(&place).await, contents(&twin).await, "{edit:?}");
    let tables = State::read(&place.client(), false).await.unwrap();
    assert_eq!(stored(&place).await.ok(), tables.revision());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_before_the_first_write_is_a_conflict() {
    for edit in [
        Edit::Change("site-003/westeurope"),
        Edit::Add("site-100/westeurope"),
        Edit::Add("site-008/westeurope"),
        Edit::Delete("site-003/westeurope"),
        Edit::Change("sg/westeurope"),
    ] {
        check(None, edit).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_between_two_writes_is_kept_and_the_push_undone() {
    for edit in [
        Edit::Change("site-003/westeurope"),
        Edit::Add("site-008/westeurope"),
        Edit::Delete("site-003/westeurope"),
    ] {
        check(Some(2), edit).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_row_that_the_push_does_not_write_is_a_conflict_too() {
    for when in [2, 9] {
        check(Some(when), Edit::Add("site-100/westeurope")).await;
        check(Some(when), Edit::Change("sg/westeurope")).await;
        check(Some(when), Edit::Delete("sg/westeurope")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_edited_after_it_was_written_is_kept() {
    for edit in [
        Edit::Change("site-001/westeurope"),
        Edit::Delete("site-001/westeurope"),
    ] {
        let place = Place::new().await;
        put(&place.client(), &sites(6, 5)).await.unwrap();
        let error = edited(&place, Some(4), edit).await;
        assert!(matches!(error, PushError::Half(_)), "{error:?}");
        let text = error.to_string();
        assert!(
            text.contains("the row `site-001/westeurope` of latency"),
            "{text}"
        );
        assert!(
            stored(&place)
                .await
                .unwrap_err()
                .contains("has not finished")
        );
        let row = find(&place, LATENCY, "site-001/westeurope").await;
        let cell = row.map(|row| row.cells[0].1.clone());
        assert_eq!(
            cell.as_deref(),
            matches!(edit, Edit::Change(_)).then_some("77")
        );
        resume(&place.client(), &sites(6, 5)).await.unwrap();
        assert_eq!(stored(&place).await, Ok(revision(&sites(6, 5))));
    }
}

/// What an earlier push has written cannot be undone, so the marker stays.
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_while_a_push_is_resumed_leaves_it_unfinished() {
    let place = Place::new().await;
    put(&place.client(), &sites(6, 5)).await.unwrap();
    super::interrupted::interrupt(&place, &sites(9, 9)).await;
    let state = State::read(&place.client(), false).await.unwrap();
    let edit = Edit::Change("sg/westeurope");
    let progress = |done, _| {
        if done == 2 {
            now(edit.make(&place));
        }
    };
    let pushed = put_from(&place.client(), &state, &sites(9, 9), true, progress).await;
    let error = pushed.unwrap_err();
    assert!(matches!(error, PushError::Half(_)), "{error:?}");
    assert!(stored(&place).await.is_err());
    resume(&place.client(), &sites(9, 9)).await.unwrap();
    assert_eq!(stored(&place).await, Ok(revision(&sites(9, 9))));
}
