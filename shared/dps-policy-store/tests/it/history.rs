//! Which revisions there were, and who pushed them, in a real Azurite.

use dps_allocation::RevisionPrefix;
use dps_allocation::tables::Tables;
use dps_policy_store::azure::{AzureTables, Change, StoreTable, StoredRow};
use dps_policy_store::{RevisionEntry, Revisions};

use crate::push::harness::{Place, put, resume, revision, row, sites, starter, write};
use crate::push::interrupted::interrupt;

const REVISIONS: StoreTable = StoreTable::Revisions;

fn name(tables: &Tables) -> RevisionPrefix {
    revision(tables).into()
}

async fn rows(store: &AzureTables) -> Vec<StoredRow> {
    store.rows(REVISIONS).await.unwrap()
}

#[tokio::test]
async fn history_is_in_the_order_in_which_revisions_were_seen() {
    let place = Place::new().await;
    let store = place.client();
    let all = [
        starter(&[]),
        sites(2, 9),
        sites(3, 8),
        sites(4, 7),
        sites(5, 6),
    ];
    // The first one was edited by hand: nobody has kept it before the push.
    let keys = |row: &StoredRow| row.key.to_string();
    put(&store, &all[0]).await.unwrap();
    for found in rows(&store).await {
        write(
            &store,
            REVISIONS,
            vec![Change::Delete(found.key, found.etag)],
        )
        .await;
    }
    for tables in [&all[1], &all[2], &all[3], &all[4], &all[0], &all[2]] {
        put(&store, tables).await.unwrap();
    }
    let history = Revisions::of(&store).history().await.unwrap();
    let seen: Vec<&RevisionPrefix> = history.iter().map(|it| &it.revision).collect();
    assert_eq!(seen, all.each_ref().map(name).iter().collect::<Vec<_>>());
    let pushes: Vec<usize> = history.iter().map(|it| it.pushes.len()).collect();
    assert_eq!(pushes, [1, 1, 2, 1, 1]);
    for RevisionEntry {
        pushes, first_seen, ..
    } in &history
    {
        assert!(
            pushes
                .iter()
                .all(|it| (&*it.by.author, &*it.reason) == ("ada", "a reason"))
        );
        assert!(pushes.iter().all(|it| it.at >= *first_seen), "{history:?}");
        assert!(pushes.is_sorted_by_key(|it| it.at));
    }
    assert!(
        rows(&store)
            .await
            .iter()
            .all(|row| !keys(row).starts_with("push/"))
    );
}

#[tokio::test]
async fn other_rows_of_the_table_are_not_revisions() {
    let place = Place::new().await;
    let store = place.client();
    let tables = starter(&[]);
    let revisions = Revisions::of(&store);
    revisions.store(revision(&tables), &tables).await.unwrap();
    let odd = ["revision/not-one", "pushed/x", "other/000000000000"];
    let odd = odd.map(|keys| Change::Insert(row(keys, &[("note", "mine")])));
    write(&store, REVISIONS, odd.to_vec()).await;
    let history = Revisions::of(&store).history().await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].pushes, []);
}

/// What a push was to write and did not is listed once it is in use after all.
#[tokio::test]
async fn what_was_never_in_use_is_not_listed() {
    for used_by_webhook in [true, false] {
        let (place, _) = Place::with_starter().await;
        let wanted = sites(2, 9);
        interrupt(&place, &wanted).await;
        let store = place.client();
        let revisions = Revisions::of(&store);
        let listed = async || {
            let history = revisions.history().await.unwrap();
            history.iter().any(|it| it.revision == name(&wanted))
        };
        assert!(!listed().await);
        assert!(revisions.find(&name(&wanted)).await.is_ok());
        if used_by_webhook {
            let new = revisions.store(revision(&wanted), &wanted).await.unwrap();
            assert!(!new);
        } else {
            resume(&store, &wanted).await.unwrap();
        }
        assert!(listed().await);
    }
}
