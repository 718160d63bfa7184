//! Two policies whose revisions have the same first 12 digits, and rows of versions that wrote no
//! more of them.

use dps_allocation::RevisionPrefix;
use dps_allocation::tables::{Column, TableName, Tables};
use dps_policy_store::azure::{AzureTables, Change, Row, StoreTable, StoredRow};
use dps_policy_store::{PolicyStore, RevisionError, Revisions};

use crate::push::harness::{Place, insert, key, put, resume, revision, row, starter, write};

const REVISIONS: StoreTable = StoreTable::Revisions;

/// The salts of the two, found in a minute by a search through 42 million.
const SALTS: [&str; 2] = ["0000024c427e", "000001c7222b"];

/// A small policy with this salt.
fn salted(salt: &str) -> Tables {
    let rows: [(TableName, &[(&str, &str)]); 3] = [
        (
            TableName::Hubs,
            &[("PartitionKey", "hub"), ("RowKey", "a.azure-devices.net")],
        ),
        (
            TableName::Enrollments,
            &[
                ("PartitionKey", "enrollment"),
                ("RowKey", "group"),
                ("tenants", "acme"),
            ],
        ),
        (
            TableName::Tenants,
            &[
                ("PartitionKey", "tenant"),
                ("RowKey", "acme"),
                ("salt", salt),
            ],
        ),
    ];
    let mut tables = Tables::default();
    for (name, cells) in rows {
        let table = tables.table_mut(name);
        let cells = cells
            .iter()
            .map(|(column, text)| (table.column(column), *text));
        let cells: Vec<(usize, &str)> = cells.collect();
        table.push(None, cells).unwrap();
    }
    tables
}

fn alike() -> [Tables; 2] {
    SALTS.map(salted)
}

fn whole(tables: &Tables) -> RevisionPrefix {
    revision(tables).into()
}

fn salt(tables: &Tables) -> String {
    let (canonical, _) = dps_allocation::tables::Canonical::read(tables);
    let tenant = canonical
        .find(TableName::Tenants, "tenant", "acme")
        .unwrap();
    tenant.get(Column::Salt).unwrap().to_owned()
}

async fn found(store: &AzureTables, wanted: &RevisionPrefix) -> Result<String, RevisionError> {
    let found = Revisions::of(store).find(wanted).await?;
    assert!(wanted.begins(&found.revision));
    assert_eq!(
        found.policy.map(|it| it.revision().into()),
        Some(found.revision)
    );
    Ok(salt(&found.tables))
}

async fn history(store: &AzureTables) -> Vec<(RevisionPrefix, usize)> {
    let history = Revisions::of(store).history().await.unwrap();
    let history = history.into_iter();
    history.map(|it| (it.revision, it.pushes.len())).collect()
}

/// Rewrites all that is kept in the keys of versions that wrote 12 digits.
async fn as_before(store: &AzureTables) {
    for StoredRow {
        key: found,
        cells,
        etag,
        ..
    } in store.rows(REVISIONS).await.unwrap()
    {
        let (partition, name) = (found.partition.as_str(), found.row.as_str());
        let (first, last) = name.rsplit_once('-').unwrap_or((name, ""));
        let keys = match partition {
            "revision" => format!("revision/{}", &name[..12]),
            "pushed" => format!("pushed/{first}-{}", &last[..12]),
            text => format!("{}/{}-{last}", &text[..5 + 12], &first[..16]),
        };
        let shorter = |(name, text): (String, String)| match &*name {
            "revision" => (name, text[..12].to_owned()),
            _ => (name, text),
        };
        let cells = cells.into_iter().map(shorter).collect();
        let old = Change::Insert(Row::new(key(&keys), cells).unwrap());
        write(store, REVISIONS, vec![old]).await;
        write(store, REVISIONS, vec![Change::Delete(found, etag)]).await;
    }
}

#[test]
fn the_two_are_different_policies_with_the_same_first_digits() {
    let [one, other] = alike().each_ref().map(revision);
    assert_eq!(one.short(), other.short());
    assert_ne!(one, other);
}

#[tokio::test]
async fn two_revisions_with_the_same_first_digits_are_kept_apart() {
    let place = Place::new().await;
    let store = place.client();
    let [one, other] = alike();
    put(&store, &one).await.unwrap();
    put(&store, &other).await.unwrap();
    let listed = [(whole(&one), 1), (whole(&other), 1)];
    assert_eq!(history(&store).await, listed);
    for (tables, salt) in [(&one, SALTS[0]), (&other, SALTS[1])] {
        assert_eq!(found(&store, &whole(tables)).await.unwrap(), salt);
        assert_eq!(found(&store, &whole(tables).first(13)).await.unwrap(), salt);
        assert!(
            !Revisions::of(&store)
                .store(revision(tables), tables)
                .await
                .unwrap()
        );
    }
    let short = whole(&one).short();
    let ambiguous = found(&store, &short).await.unwrap_err().to_string();
    let mut both = [whole(&one), whole(&other)].map(|it| it.to_string());
    both.sort();
    let expected = format!(
        "`{short}` stands for several stored revisions, write more digits: {}",
        both.join(", ")
    );
    assert_eq!(ambiguous, expected);
    let unknown = "5daacbca5cc1ffff".parse().unwrap();
    let error = found(&store, &unknown).await.unwrap_err();
    assert!(matches!(error, RevisionError::Unknown(_)), "{error}");
}

/// One was reviewed and pushed with an older version, and then edited into the other.
#[tokio::test]
async fn what_is_edited_into_another_is_not_taken_for_the_reviewed_one() {
    let place = Place::new().await;
    let store = place.client();
    let [reviewed, other] = alike();
    put(&store, &reviewed).await.unwrap();
    as_before(&store).await;
    assert_eq!(history(&store).await, [(whole(&reviewed), 1)]);
    // A webhook that has read the other keeps it as what it is.
    assert!(
        Revisions::of(&store)
            .store(revision(&other), &other)
            .await
            .unwrap()
    );
    assert_eq!(
        history(&store).await,
        [(whole(&reviewed), 1), (whole(&other), 0)]
    );
    assert_eq!(found(&store, &whole(&reviewed)).await.unwrap(), SALTS[0]);
    assert_eq!(found(&store, &whole(&other)).await.unwrap(), SALTS[1]);
    // A push of it is another event, and its note is its own.
    put(&store, &other).await.unwrap();
    assert_eq!(
        history(&store).await,
        [(whole(&reviewed), 1), (whole(&other), 1)]
    );
}

#[tokio::test]
async fn rows_of_older_versions_are_read_and_not_written_again() {
    let place = Place::new().await;
    let store = place.client();
    let tables = starter(&[]);
    put(&store, &tables).await.unwrap();
    as_before(&store).await;
    let before = store.rows(REVISIONS).await.unwrap();
    let revisions = Revisions::of(&store);
    assert!(!revisions.store(revision(&tables), &tables).await.unwrap());
    for wanted in [
        whole(&tables),
        whole(&tables).short(),
        whole(&tables).first(7),
    ] {
        let found = revisions.find(&wanted).await.unwrap();
        assert_eq!(found.revision, whole(&tables), "{wanted}");
    }
    assert_eq!(store.rows(REVISIONS).await.unwrap(), before);
    // Another push of it is noted with all digits, and both are of one revision.
    put(&store, &salted("x")).await.unwrap();
    put(&store, &tables).await.unwrap();
    assert_eq!(
        history(&store).await,
        [(whole(&tables), 2), (whole(&salted("x")), 1)]
    );
    // An older version next to this one keeps it in its own way too: it is still one revision.
    let head = before
        .iter()
        .find(|it| it.key.partition.as_str() == "revision")
        .unwrap();
    let checksum = [("checksum", &*head.cells[0].1)];
    let newer = insert(&format!("revision/{}", whole(&tables)), &checksum);
    write(&store, REVISIONS, vec![newer]).await;
    assert_eq!(history(&store).await.len(), 2);
}

#[tokio::test]
async fn an_old_row_that_somebody_has_edited_is_not_used() {
    let place = Place::new().await;
    let store = place.client();
    let (kept, other) = (salted("x"), salted("y"));
    for tables in [&kept, &other] {
        Revisions::of(&store)
            .store(revision(tables), tables)
            .await
            .unwrap();
    }
    as_before(&store).await;
    // The head of one leads to the text of the other.
    let rows = store.rows(REVISIONS).await.unwrap();
    let find = |tables: &Tables| {
        let keys = key(&format!("revision/{}", whole(tables).short()));
        rows.iter().find(|row| row.key == keys).unwrap()
    };
    let keys = format!("revision/{}", whole(&kept).short());
    let checksum = [("checksum", &*find(&other).cells[0].1)];
    let forged = Change::Replace(row(&keys, &checksum), find(&kept).etag.clone());
    write(&store, REVISIONS, vec![forged]).await;
    for wanted in [whole(&kept), whole(&kept).short()] {
        let error = found(&store, &wanted).await.unwrap_err();
        assert!(matches!(error, RevisionError::Damaged(_)), "{error}");
    }
    // It is listed as what its key tells, and kept again as what it is.
    assert_eq!(history(&store).await.len(), 2);
    assert!(
        Revisions::of(&store)
            .store(revision(&kept), &kept)
            .await
            .unwrap()
    );
    assert_eq!(found(&store, &whole(&kept)).await.unwrap(), "x");
}

/// A start in the middle of a push goes back to the policy that was in use, not to one like it.
#[tokio::test]
async fn a_start_uses_the_revision_before_the_push() {
    for (digits, expected) in [(64, Some(SALTS[0])), (13, Some(SALTS[0])), (12, Some("x"))] {
        let place = Place::new().await;
        let store = place.client();
        let [one, other] = alike();
        for tables in [&one, &other, &salted("x")] {
            Revisions::of(&store)
                .store(revision(tables), tables)
                .await
                .unwrap();
        }
        let before = whole(&one).first(digits).to_string();
        let marker = [("revision", "0123456789ab"), ("before", &before)];
        write(&store, REVISIONS, vec![insert("push/current", &marker)]).await;
        let push = PolicyStore::Azure(place.client())
            .push_under_way()
            .await
            .unwrap();
        let usable = Revisions::of(&store)
            .newest_usable(push.as_ref())
            .await
            .unwrap();
        let usable = usable.map(|(_, tables)| salt(&tables));
        assert_eq!(usable.as_deref(), expected, "{digits}");
        resume(&store, &other).await.unwrap();
    }
}
