//! Every state of the partition of pushes that a push can have left behind, or a person made.

use dps_policy_store::azure::StoreTable;
use dps_policy_store::push::{PushError, State};
use dps_policy_store::{PolicyStore, Revisions};

use super::harness::{Place, insert, put, resume, revision, sites, stored, write};

type Row<'a> = (&'a str, &'a [(&'a str, &'a str)]);

const FULL: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

async fn with(rows: &[Row<'_>]) -> Place {
    let (place, _) = Place::with_starter().await;
    let changes = rows.iter().map(|(keys, cells)| insert(keys, cells));
    write(&place.client(), StoreTable::Revisions, changes.collect()).await;
    place
}

/// Whether these rows keep webhooks and pushes waiting, and that a push with `--resume` ends it.
async fn check(what: &str, rows: &[Row<'_>], waits: bool) {
    let place = with(rows).await;
    let (store, client) = (PolicyStore::Azure(place.client()), place.client());
    let seen = store.poll().await.unwrap();
    assert_eq!(seen.push_under_way, waits, "{what}");
    assert_eq!(
        stored(&place).await.is_err(),
        !store.read().await.unwrap().findings.is_empty()
    );
    let usable = Revisions::of(&client);
    let push = store.push_under_way().await.unwrap();
    let usable = usable.newest_usable(push.as_ref()).await.unwrap();
    assert!(usable.is_some(), "{what}: a start has a policy");
    let plain = put(&client, &sites(1, 3)).await;
    if waits {
        assert!(
            matches!(plain, Err(PushError::Unfinished(_))),
            "{what}: {plain:?}"
        );
    } else {
        plain.unwrap();
    }
    resume(&client, &sites(2, 3)).await.unwrap();
    let rows = client.rows(StoreTable::Revisions).await.unwrap();
    let left = rows.iter().find(|row| row.key.partition.as_str() == "push");
    assert!(left.is_none(), "{what}: {left:?}");
    assert_eq!(stored(&place).await, Ok(revision(&sites(2, 3))), "{what}");
}

#[tokio::test]
async fn resume_ends_every_state() {
    let current = "push/current";
    let old = [
        ("revision", "0123456789ab"),
        ("author", "ann"),
        ("before", ""),
    ];
    let newer = [
        ("revision", FULL),
        ("before", FULL),
        ("shape", "2"),
        ("plan", "{}"),
    ];
    let neither_kept = [("revision", FULL), ("before", "ba9876543210")];
    check("nothing", &[], false).await;
    check(
        "a foreign row",
        &[("push/note", &[("text", "hello")])],
        false,
    )
    .await;
    check("its name in capitals", &[("push/Current", &old)], false).await;
    check("another partition", &[("pushes/current", &old)], false).await;
    check("an empty row", &[(current, &[])], false).await;
    check("no revision", &[(current, &[("author", "ann")])], false).await;
    check("a word", &[(current, &[("revision", "latest")])], false).await;
    check(
        "too short",
        &[(current, &[("revision", "0123456789a")])],
        false,
    )
    .await;
    check("of an old version", &[(current, &old)], true).await;
    check("of a newer version", &[(current, &newer)], true).await;
    check("nothing is kept of it", &[(current, &neither_kept)], true).await;
    check("two", &[(current, &old), ("push/current2", &old)], true).await;
    check("odd keys", &[(current, &old), ("push/it's 50%", &[])], true).await;
}

#[tokio::test]
async fn a_row_that_marks_no_push_is_a_warning() {
    let place = with(&[("push/note", &[("text", "hello")])]).await;
    let stored = PolicyStore::Azure(place.client()).read().await.unwrap();
    let [finding] = stored.findings.as_slice() else {
        panic!("{:?}", stored.findings);
    };
    let text = finding.to_string();
    assert!(
        text.starts_with("warning: the row `push/note` of the table `"),
        "{text}"
    );
    assert!(
        text.contains("Revisions` is not the marker of a push; it is ignored"),
        "{text}"
    );
}

#[tokio::test]
async fn resume_without_a_difference_deletes_what_marks_no_push() {
    let place = with(&[("push/note", &[]), ("push/current", &[])]).await;
    let client = place.client();
    let starter = super::harness::starter(&[]);
    assert_eq!(State::read(&client, false).await.unwrap().strays(), 2);
    put(&client, &starter).await.unwrap();
    assert_eq!(State::read(&client, false).await.unwrap().strays(), 2);
    resume(&client, &starter).await.unwrap();
    assert_eq!(State::read(&client, false).await.unwrap().strays(), 0);
}
