//! What was predicted of a push is kept with its revision, also where the push is interrupted.

use dps_allocation::RevisionPrefix;
use dps_allocation::tables::Tables;
use dps_policy_store::azure::{AzureTables, Change, StoreTable};
use dps_policy_store::push::State;
use dps_policy_store::{PushNote, Report, RevisionError, Revisions};

use super::harness::{Place, put_predicted, resume, revision, row, sites, write};
use super::interrupted::interrupt_predicted;

fn report(text: &str) -> Report {
    Report::new(text.to_owned()).unwrap()
}

async fn put(store: &AzureTables, wanted: &Tables, report: &Report) {
    let state = State::read(store, false).await.unwrap();
    let put = put_predicted(store, &state, wanted, false, Some(report), |_, _| {});
    put.await.unwrap();
}

/// The pushes of a revision.
async fn pushes(store: &AzureTables, of: &Tables) -> Vec<PushNote> {
    let name = RevisionPrefix::from(revision(of));
    let history = Revisions::of(store).history().await.unwrap();
    let entry = history.into_iter().find(|it| it.revision == name);
    entry.map(|it| it.pushes).unwrap_or_default()
}

/// The report of the last push of a revision.
async fn last(store: &AzureTables, of: &Tables) -> Option<Result<String, RevisionError>> {
    let key = pushes(store, of).await.pop()?.report?;
    let revisions = Revisions::of(store);
    Some(revisions.report(&revision(of).into(), &key).await)
}

#[tokio::test]
async fn each_push_has_its_own_report_or_none() {
    let (place, tables) = Place::with_starter().await;
    let store = place.client();
    assert!(last(&store, &tables).await.is_none());
    let longest = "🦀é".repeat(31_999 * 14 / 3);
    for text in ["{}", &*longest, "{}", ""] {
        put(&store, &sites(2, 9), &report(text)).await;
        let stored = last(&store, &sites(2, 9)).await.unwrap().unwrap();
        assert_eq!(stored.len(), text.len());
        assert_eq!(stored, text);
        super::harness::put(&store, &tables).await.unwrap();
        assert!(last(&store, &tables).await.is_none());
    }
    assert_eq!(pushes(&store, &sites(2, 9)).await.len(), 4);
    let too_long = Report::new("x".repeat(31_999 * 14 + 1)).unwrap_err();
    assert!(too_long.to_string().contains("at most 447986 are possible"));
}

#[tokio::test]
async fn what_goes_on_keeps_reason_and_report_of_the_same_revision() {
    let (place, _) = Place::with_starter().await;
    let store = place.client();
    let wanted = sites(2, 9);
    interrupt_predicted(&place, &wanted, Some(&report("predicted"))).await;
    assert!(last(&store, &wanted).await.is_none());
    resume(&store, &wanted).await.unwrap();
    let note = pushes(&store, &wanted).await.pop().unwrap();
    assert_eq!((&*note.reason, &*note.by.author), ("a reason", "ada"));
    assert_eq!(last(&store, &wanted).await.unwrap().unwrap(), "predicted");
}

#[tokio::test]
async fn another_revision_has_nothing_of_the_interrupted_push() {
    let (place, tables) = Place::with_starter().await;
    let store = place.client();
    interrupt_predicted(&place, &sites(2, 9), Some(&report("predicted"))).await;
    resume(&store, &tables).await.unwrap();
    assert!(last(&store, &tables).await.is_none());
}

#[tokio::test]
async fn a_report_that_was_edited_is_not_used() {
    let (place, _) = Place::with_starter().await;
    let store = place.client();
    let wanted = sites(2, 9);
    put(&store, &wanted, &report("predicted")).await;
    let rows = store.rows(StoreTable::Revisions).await.unwrap();
    let is_report = |key: &str| key.starts_with("report-");
    let found = rows.iter().find(|it| is_report(&it.key.to_string()));
    let found = found.unwrap();
    let edited = row(&found.key.to_string(), &[("text00", "hoped")]);
    let change = Change::Replace(edited, found.etag.clone());
    write(&store, StoreTable::Revisions, vec![change]).await;
    let error = last(&store, &wanted).await.unwrap().unwrap_err();
    assert!(matches!(error, RevisionError::NoReport(_)), "{error:?}");
    assert!(error.is_about_content());
}
