//! A push that ends in the middle, and everybody else meanwhile.

use dps_allocation::tables::Tables;
use dps_policy_store::azure::StoreTable;
use dps_policy_store::push::{PushError, State};
use dps_policy_store::{PolicyStore, Report, Revisions};
use tokio::sync::Notify;

use super::harness::{Place, contents, now, put, put_from, put_predicted};
use super::harness::{resume, revision, sites, stored};

/// Ends the push when it has written something.
pub(crate) async fn interrupt(place: &Place, wanted: &Tables) {
    interrupt_predicted(place, wanted, None).await;
}

pub(crate) async fn interrupt_predicted(place: &Place, wanted: &Tables, report: Option<&Report>) {
    let store = place.client();
    let state = State::read(&store, false).await.unwrap();
    let written = Notify::new();
    let progress = |_, _| written.notify_one();
    let push = put_predicted(&store, &state, wanted, false, report, progress);
    tokio::select! {
        biased;
        () = written.notified() => {}
        done = push => panic!("{done:?}"),
    }
}

async fn fingerprint(place: &Place) -> dps_policy_store::Fingerprint {
    let store = PolicyStore::Azure(place.client());
    store.poll().await.unwrap().fingerprint
}

/// What the tables were before the push that has not finished.
async fn before(place: &Place) -> dps_allocation::Revision {
    let client = place.client();
    let store = PolicyStore::Azure(client.clone());
    assert!(store.poll().await.unwrap().push_under_way);
    let push = store.push_under_way().await.unwrap().unwrap();
    let usable = Revisions::of(&client).newest_usable(Some(&push)).await;
    usable.unwrap().unwrap().0.revision()
}

/// However often it is interrupted, by whatever version that should be pushed.
#[tokio::test]
async fn what_was_complete_before_a_push_can_be_had_while_it_is_not_finished() {
    let (place, starter) = Place::with_starter().await;
    interrupt(&place, &sites(9, 9)).await;
    assert_eq!(before(&place).await, revision(&starter));
    let store = place.client();
    let state = State::read(&store, false).await.unwrap();
    let written = Notify::new();
    let again = sites(9, 5);
    let push = put_from(&store, &state, &again, true, |_, _| written.notify_one());
    tokio::select! {
        biased;
        () = written.notified() => {}
        done = push => panic!("{done:?}"),
    }
    assert_eq!(before(&place).await, revision(&starter));
    resume(&store, &sites(9, 9)).await.unwrap();
    let seen = PolicyStore::Azure(store.clone()).poll().await.unwrap();
    assert!(!seen.push_under_way);
    interrupt(&place, &sites(9, 7)).await;
    assert_eq!(before(&place).await, revision(&sites(9, 9)));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_push_is_under_way_nobody_takes_the_tables() {
    let (place, _) = Place::with_starter().await;
    let store = place.client();
    let state = State::read(&store, false).await.unwrap();
    let before = fingerprint(&place).await;
    let mut findings = Vec::new();
    put_from(&store, &state, &sites(2, 9), false, |_, _| {
        findings.push(now(stored(&place)).unwrap_err());
        assert_ne!(now(fingerprint(&place)), before);
        let read = now(PolicyStore::Azure(place.client()).read()).unwrap();
        assert_eq!(read.fingerprint, now(fingerprint(&place)));
    })
    .await
    .unwrap();
    assert_eq!(findings.len(), 2);
    let expected = format!(
        "error: a push of revision `{}` (no identity, says \"ada\"), begun at ",
        revision(&sites(2, 9)).short()
    );
    let help =
        "has not finished; wait for it; if it was interrupted, push or roll back with --resume";
    for finding in findings {
        assert!(
            finding.starts_with(&expected) && finding.contains(help),
            "{finding}"
        );
    }
    assert_eq!(stored(&place).await, Ok(revision(&sites(2, 9))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_push_is_refused_and_changes_nothing() {
    let (place, _) = Place::with_starter().await;
    let store = place.client();
    let early = State::read(&store, false).await.unwrap();
    let (wanted, other) = (sites(2, 9), sites(3, 8));
    let mut refusals = Vec::new();
    put_from(&store, &early, &wanted, false, |_, _| {
        let rows = || now(place.client().rows(StoreTable::Revisions)).unwrap();
        let (before, before_rows) = (now(contents(&place)), rows());
        // One that has read the tables before, and two that find the push; one of these resumes too late.
        refusals.push(now(put_from(
            &place.client(),
            &early,
            &other,
            false,
            |_, _| {},
        )));
        refusals.push(now(put_from(
            &place.client(),
            &early,
            &other,
            true,
            |_, _| {},
        )));
        refusals.push(now(put(&place.client(), &other)));
        assert_eq!(now(contents(&place)), before);
        assert_eq!(rows(), before_rows);
    })
    .await
    .unwrap();
    assert_eq!(refusals.len(), 6);
    for refusal in refusals {
        let error = refusal.unwrap_err();
        assert!(matches!(error, PushError::Unfinished(_)), "{error:?}");
        let text = error.to_string();
        let start = format!(
            "a push of revision `{}` (no identity, says \"ada\"), begun at 20",
            revision(&wanted).short()
        );
        let end = ", has not finished; nothing was changed";
        assert!(text.starts_with(&start) && text.ends_with(end), "{text}");
    }
    assert_eq!(stored(&place).await, Ok(revision(&wanted)));
}

#[tokio::test]
async fn an_interrupted_push_is_finished_or_rolled_back() {
    let (place, starter) = Place::with_starter().await;
    for wanted in [sites(9, 9), starter] {
        interrupt(&place, &sites(9, 9)).await;
        assert!(
            stored(&place)
                .await
                .unwrap_err()
                .contains("has not finished")
        );
        let refused = put(&place.client(), &wanted).await.unwrap_err();
        assert!(matches!(refused, PushError::Unfinished(_)), "{refused}");
        let kept = Revisions::of(&place.client())
            .find(&revision(&wanted).into())
            .await
            .unwrap();
        resume(&place.client(), &kept.tables).await.unwrap();
        assert_eq!(stored(&place).await, Ok(revision(&wanted)));
        put(&place.client(), &sites(0, 0)).await.unwrap();
    }
}

#[tokio::test]
async fn what_an_interrupted_push_leaves_is_no_revision() {
    let (place, _) = Place::with_starter().await;
    interrupt(&place, &sites(9, 9)).await;
    let half = State::read(&place.client(), false).await.unwrap();
    let half = half.revision().unwrap();
    assert_ne!(half, revision(&sites(9, 9)));
    resume(&place.client(), &sites(9, 9)).await.unwrap();
    let client = place.client();
    let kept = Revisions::of(&client).history().await.unwrap();
    assert!(kept.iter().all(|it| !it.revision.matches(half)), "{kept:?}");
}

#[tokio::test]
async fn resuming_where_nothing_is_unfinished_is_a_push() {
    let (place, _) = Place::with_starter().await;
    resume(&place.client(), &sites(2, 9)).await.unwrap();
    assert_eq!(stored(&place).await, Ok(revision(&sites(2, 9))));
}
