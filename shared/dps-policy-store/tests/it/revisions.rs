//! What is kept of policies, in a real Azurite.

use azurite::Fault;
use dps_allocation::Revision;
use dps_allocation::tables::{TableName, Tables, diff};
use dps_policy_store::azure::{AzureTables, Change, Key, Row, StoreTable, StoredRow};
use dps_policy_store::{RevisionError, Revisions};

use crate::push::harness::{Place, lines, proxy, put, revision, sites, starter, write};

const REVISIONS: StoreTable = StoreTable::Revisions;

async fn rows(store: &AzureTables) -> Vec<StoredRow> {
    store.rows(REVISIONS).await.unwrap()
}

/// Without the etags: what else tells a piece from another.
async fn find(store: &AzureTables, is: impl Fn(&Key) -> bool) -> StoredRow {
    let found = rows(store).await;
    found.into_iter().find(|row| is(&row.key)).unwrap()
}

fn is_piece(key: &Key) -> bool {
    key.partition.as_str().starts_with("text-")
}

async fn keep(store: &AzureTables, tables: &Tables) -> bool {
    Revisions::of(store)
        .store(revision(tables), tables)
        .await
        .unwrap()
}

async fn tables(store: &AzureTables, revision: Revision) -> Result<Tables, RevisionError> {
    let found = Revisions::of(store).find(&revision.into()).await?;
    Ok(found.tables)
}

/// More than one row of text.
fn large() -> Tables {
    let rows = lines(12_000, |n| {
        format!("site-{n},westeurope,{},\"note \"\"{n}\"\"\"\n", n % 300)
    });
    starter(&[("latency", "", &rows)])
}

#[tokio::test]
async fn keeping_again_writes_nothing() {
    let place = Place::new().await;
    let store = place.client();
    assert!(keep(&store, &starter(&[])).await);
    let before = rows(&store).await;
    assert!(!keep(&store, &starter(&[])).await);
    assert!(
        !keep(
            &store,
            &starter(&[(
                "latency",
                "eu-west,westeurope,9,",
                "eu-west,westeurope,9,other words"
            )])
        )
        .await
    );
    assert_eq!(rows(&store).await, before);
}

#[tokio::test]
async fn a_large_policy_comes_back_equal() {
    let place = Place::new().await;
    let store = place.client();
    let wanted = large();
    assert!(keep(&store, &wanted).await);
    let pieces = rows(&store)
        .await
        .into_iter()
        .filter(|row| is_piece(&row.key))
        .count();
    assert!(pieces > 1, "{pieces}");
    let kept = tables(&store, revision(&wanted)).await.unwrap();
    assert_eq!(revision(&kept), revision(&wanted));
    let differing = diff(&wanted, &kept);
    assert!(
        differing
            .iter()
            .all(|change| change.table == TableName::Devices)
    );
    assert_eq!(
        kept.table(TableName::Devices).len(),
        0,
        "devices are not in a revision"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_keep_at_once_leave_one_head() {
    let place = Place::new().await;
    let wanted = revision(&starter(&[]));
    // Half of them have other words for it.
    let notes = ["eu-west,westeurope,9,a", "eu-west,westeurope,9,b"];
    let keeps = (0..8).map(|n| {
        let store = place.client();
        tokio::spawn(async move {
            keep(
                &store,
                &starter(&[("latency", "eu-west,westeurope,9,", notes[n % 2])]),
            )
            .await
        })
    });
    let keeps: Vec<_> = keeps.collect();
    let mut new = 0;
    for keep in keeps {
        new += usize::from(keep.await.unwrap());
    }
    assert_eq!(new, 1);
    let store = place.client();
    assert_eq!(Revisions::of(&store).history().await.unwrap().len(), 1);
    assert_eq!(revision(&tables(&store, wanted).await.unwrap()), wanted);
}

#[tokio::test]
async fn an_interrupted_keep_is_completed() {
    let place = Place::new().await;
    let (store, wanted) = (place.client(), large());
    keep(&store, &wanted).await;
    // As it is after a call that ended early: without the head and the last piece.
    let all = rows(&store).await;
    let last = all.iter().rfind(|row| is_piece(&row.key)).unwrap();
    let head = all.iter().find(|row| !is_piece(&row.key)).unwrap();
    for row in [last, head] {
        let change = Change::Delete(row.key.clone(), row.etag.clone());
        write(&store, REVISIONS, vec![change]).await;
    }
    let unknown = tables(&store, revision(&wanted)).await.unwrap_err();
    assert!(matches!(unknown, RevisionError::Unknown(_)), "{unknown}");
    // Another instance has other words for it.
    keep(&store, &starter(&[])).await;
    assert!(keep(&store, &wanted).await);
    assert_eq!(
        revision(&tables(&store, revision(&wanted)).await.unwrap()),
        revision(&wanted)
    );
    let again = rows(&store).await;
    assert!(
        again.iter().any(|row| row == &all[1]),
        "what was there is not written again"
    );
}

/// The reading of a revision whose rows somebody has edited.
async fn damaged(edit: impl Fn(StoredRow) -> Change, is: impl Fn(&Key) -> bool) {
    let place = Place::new().await;
    let store = place.client();
    let wanted = starter(&[]);
    keep(&store, &wanted).await;
    let found = find(&store, is).await;
    write(&store, REVISIONS, vec![edit(found)]).await;
    let error = tables(&store, revision(&wanted)).await.unwrap_err();
    assert!(matches!(error, RevisionError::Damaged(_)), "{error}");
    let expected = format!(
        "what is stored of revision `{}` is not what was written; it cannot be used",
        revision(&wanted)
    );
    assert_eq!(error.to_string(), expected);
}

fn edited(found: StoredRow, edit: impl Fn(&str) -> String) -> Change {
    let cells = found
        .cells
        .iter()
        .map(|(name, text)| (name.clone(), edit(text)));
    Change::Replace(
        Row::new(found.key.clone(), cells.collect()).unwrap(),
        found.etag,
    )
}

#[tokio::test]
async fn what_somebody_has_edited_is_not_used() {
    damaged(
        |row| edited(row, |text| text.replacen("factory", "factori", 1)),
        is_piece,
    )
    .await;
    damaged(|row| Change::Delete(row.key, row.etag), is_piece).await;
    damaged(|row| edited(row, |_| "00".to_owned()), |key| !is_piece(key)).await;
    damaged(|row| edited(row, |_| String::new()), |key| !is_piece(key)).await;
}

/// A text that is whole, but of another revision.
#[tokio::test]
async fn the_text_of_another_revision_is_not_used() {
    let place = Place::new().await;
    let store = place.client();
    let (one, other) = (starter(&[]), sites(2, 9));
    Revisions::of(&store)
        .store(revision(&one), &other)
        .await
        .unwrap();
    let error = tables(&store, revision(&one)).await.unwrap_err();
    assert!(matches!(error, RevisionError::Collision(_)), "{error}");
}

#[tokio::test]
async fn a_revision_that_nobody_kept_is_unknown() {
    let place = Place::new().await;
    let error = tables(&place.client(), revision(&starter(&[])))
        .await
        .unwrap_err();
    let expected = format!(
        "revision `{}` is not stored; `dps-policy history` lists those that are",
        revision(&starter(&[]))
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn a_lost_answer_is_not_a_failure() {
    let place = Place::new().await;
    let proxy = proxy();
    let store = place.through(&proxy);
    proxy.set(Fault::OnlyTo(
        "POST ".to_owned(),
        Box::new(Fault::LoseAnswer { times: 1 }),
    ));
    keep(&store, &starter(&[])).await;
    let wanted = revision(&starter(&[]));
    assert_eq!(revision(&tables(&store, wanted).await.unwrap()), wanted);
}

/// As where somebody who may write the table puts other tables in the place of reviewed ones.
#[tokio::test]
async fn two_contents_under_one_revision_are_an_error() {
    let place = Place::new().await;
    let store = place.client();
    let revisions = Revisions::of(&store);
    let (one, other) = (starter(&[]), sites(2, 9));
    assert!(revisions.store(revision(&one), &other).await.unwrap());
    let error = revisions.store(revision(&one), &one).await.unwrap_err();
    assert!(matches!(error, RevisionError::Collision(_)), "{error}");
    let name = revision(&one);
    let expected = format!("other tables are stored as revision `{name}`, which does not");
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(
        error
            .to_string()
            .ends_with(&format!("delete the row `revision/{name}`"))
    );
    let pushed = put(&store, &one).await.unwrap_err();
    assert!(pushed.to_string().starts_with(&expected), "{pushed}");
    // As the message says.
    let head = find(&store, |key| {
        !is_piece(key) && key.row.as_str() == name.to_string()
    })
    .await;
    write(&store, REVISIONS, vec![Change::Delete(head.key, head.etag)]).await;
    put(&store, &one).await.unwrap();
    assert!(tables(&store, name).await.is_ok());
}

/// A piece of the text is there already, and is not that of the text.
#[tokio::test]
async fn a_row_that_says_something_else_is_not_skipped() {
    let place = Place::new().await;
    let store = place.client();
    let wanted = starter(&[]);
    keep(&store, &wanted).await;
    let piece = find(&store, is_piece).await;
    let head = find(&store, |key| !is_piece(key)).await;
    let changes = [
        edited(piece, |text| text.replacen("factory", "factori", 1)),
        Change::Delete(head.key, head.etag),
    ];
    for change in changes {
        write(&store, REVISIONS, vec![change]).await;
    }
    let error = Revisions::of(&store)
        .store(revision(&wanted), &wanted)
        .await
        .unwrap_err();
    assert!(matches!(error, RevisionError::Occupied(_)), "{error}");
    let text = error.to_string();
    assert!(
        text.contains(" says something else than is to be written"),
        "{text}"
    );
}
