//! Pushes that the tables or their keepers refuse.

use azurite::Fault;
use dps_policy_store::azure::StoreTable;
use dps_policy_store::push::{Plan, Push, PushError, PushFailure, State, push};
use dps_policy_store::{RevisionError, Revisions};

use super::harness::{Place, lines, proxy, put, put_from, revision, sites, starter, stored};

const EVER: u32 = u32::MAX;

#[tokio::test]
async fn devices_that_fail_are_pushed_again() {
    let (place, tables) = Place::with_starter().await;
    let rows = lines(40, |n| format!("other-{n},device,tenant-a,,,,\n"));
    let wanted = starter(&[("devices", "", &rows)]);
    let proxy = proxy();
    let store = place.through(&proxy);
    let state = State::read(&store, true).await.unwrap();
    let error = put_from(&store, &state, &wanted, false, |done, _| {
        if done == 10 {
            proxy.set(Fault::Forbidden { times: EVER });
        }
    });
    let error = error.await.unwrap_err();
    let PushError::Devices {
        written, all: 42, ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert!(written >= 10, "{error}");
    assert!(
        error
            .to_string()
            .ends_with("of 42 changes of devices: push again for the others")
    );
    assert_eq!(stored(&place).await, Ok(revision(&tables)));
    let state = State::read(&place.client(), true).await.unwrap();
    put_from(&place.client(), &state, &wanted, false, |_, _| {})
        .await
        .unwrap();
    let state = State::read(&place.client(), true).await.unwrap();
    assert_eq!(Plan::between(&state, &wanted).unwrap().changes, []);
}

#[tokio::test]
async fn a_reason_that_is_too_long_is_refused_before_anything_is_written() {
    let (place, tables) = Place::with_starter().await;
    let before = place.client().rows(StoreTable::Revisions).await.unwrap();
    let state = State::read(&place.client(), false).await.unwrap();
    let wanted = sites(2, 9);
    let what = Push {
        revision: revision(&wanted),
        tables: &wanted,
        author: "ada",
        reason: &"x".repeat(40_000),
        report: None,
        resume: false,
    };
    let plan = Plan::between(&state, &wanted).unwrap();
    let error = push(&place.client(), &state, &plan, &what, |_, _| {})
        .await
        .unwrap_err();
    assert!(
        matches!(error, PushError::Nothing(PushFailure::Note(_))),
        "{error:?}"
    );
    assert_eq!(
        place.client().rows(StoreTable::Revisions).await.unwrap(),
        before
    );
    assert_eq!(stored(&place).await, Ok(revision(&tables)));
}

#[tokio::test]
async fn readers_are_told_that_they_may_not_write() {
    let (place, tables) = Place::with_starter().await;
    let proxy = proxy();
    let writes = Fault::OnlyTo(
        "POST ".to_owned(),
        Box::new(Fault::Forbidden { times: EVER }),
    );
    proxy.set(writes);
    let store = place.through(&proxy);
    let text = "may not use";
    let error = put(&store, &sites(2, 9)).await.unwrap_err();
    assert!(
        matches!(error, PushError::Nothing(_)) && error.to_string().contains(text),
        "{error}"
    );
    let revisions = Revisions::of(&store);
    let error = revisions
        .store(revision(&sites(2, 9)), &sites(2, 9))
        .await
        .unwrap_err();
    assert!(
        matches!(error, RevisionError::Write(_)) && error.to_string().contains(text),
        "{error}"
    );
    assert!(
        !revisions.store(revision(&tables), &tables).await.unwrap(),
        "it is kept already"
    );
    assert_eq!(stored(&place).await, Ok(revision(&tables)));
}
