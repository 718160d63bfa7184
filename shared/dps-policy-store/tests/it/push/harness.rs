//! Tables of a test in the shared Azurite, and what tests do with them.

use std::fs;

use azurite::{FaultProxy, shared, unique_prefix};
use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Policy, Revision};
use dps_policy_store::azure::{
    AzureTables, Batch, Change, Connection, Key, KeyPart, Row, StoreTable, StoredRow, TablePrefix,
};
use dps_policy_store::push::{Plan, Push, PushError, State, push};
use dps_policy_store::{CsvFolder, PolicyStore};

/// The tables of one test.
pub(crate) struct Place(TablePrefix);

impl Place {
    /// Empty tables.
    pub(crate) async fn new() -> Self {
        let this = Self(unique_prefix().parse().unwrap());
        let made = this.client().create_missing_tables().await.unwrap();
        assert_eq!(made.len(), 9);
        this
    }

    /// Tables with the starter policy, and that policy.
    pub(crate) async fn with_starter() -> (Self, Tables) {
        let (this, tables) = (Self::new().await, starter(&[]));
        put(&this.client(), &tables).await.unwrap();
        (this, tables)
    }

    /// A client of its own.
    pub(crate) fn client(&self) -> AzureTables {
        self.connected(&shared().connection_string())
    }

    /// A client that reaches the tables by way of a proxy.
    pub(crate) fn through(&self, proxy: &FaultProxy) -> AzureTables {
        self.connected(&shared().through(proxy.port()))
    }

    fn connected(&self, connection: &str) -> AzureTables {
        let connection = Connection::parse(connection).unwrap();
        AzureTables::new(connection, self.0.clone()).unwrap()
    }
}

pub(crate) fn proxy() -> FaultProxy {
    FaultProxy::start(shared().port())
}

/// The starter policy, with edits of its files: `(table, text, other text)`; no text appends.
pub(crate) fn starter(edits: &[(&str, &str, &str)]) -> Tables {
    let folder = tempfile::tempdir().unwrap();
    for name in TableName::ALL {
        let file = format!("{}.csv", name.as_str());
        let from = format!("{}/../../infra/policy/{file}", env!("CARGO_MANIFEST_DIR"));
        let mut text = fs::read_to_string(from).unwrap();
        for (_, before, after) in edits.iter().filter(|(table, ..)| *table == name.as_str()) {
            if before.is_empty() {
                text.push_str(after);
            } else {
                assert_eq!(text.matches(before).count(), 1, "{before}");
                text = text.replace(before, after);
            }
        }
        fs::write(folder.path().join(file), text).unwrap();
    }
    let read = CsvFolder::new(folder.path()).read().unwrap();
    assert_eq!(read.findings, []);
    read.tables
}

/// The starter policy with round trips from so many locations, each a partition.
pub(crate) fn sites(count: usize, ms: u32) -> Tables {
    let rows = lines(count, |site| format!("site-{site:03},westeurope,{ms},\n"));
    starter(&[("latency", "", &rows)])
}

/// So many lines of a file.
pub(crate) fn lines(count: usize, line: impl FnMut(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().concat()
}

#[track_caller]
pub(crate) fn revision(tables: &Tables) -> Revision {
    let read = Policy::read(tables);
    read.policy
        .unwrap_or_else(|| panic!("{:?}", read.findings))
        .revision()
}

/// The revision of what is stored; the findings where it is none.
pub(crate) async fn stored(place: &Place) -> Result<Revision, String> {
    let stored = PolicyStore::Azure(place.client()).read().await.unwrap();
    let read = Policy::read(&stored.tables);
    let findings = stored.findings.iter().chain(&read.findings);
    let findings: Vec<String> = findings.map(ToString::to_string).collect();
    match read.policy {
        Some(policy) if stored.findings.is_empty() => Ok(policy.revision()),
        _ => Err(findings.join("\n")),
    }
}

/// Reads, plans and pushes, as an operator does.
pub(crate) async fn put(store: &AzureTables, wanted: &Tables) -> Result<(), PushError> {
    let state = State::read(store, false).await.unwrap();
    put_from(store, &state, wanted, false, |_, _| {}).await
}

/// The same with `--resume`.
pub(crate) async fn resume(store: &AzureTables, wanted: &Tables) -> Result<(), PushError> {
    let state = State::read(store, false).await.unwrap();
    put_from(store, &state, wanted, true, |_, _| {}).await
}

pub(crate) async fn put_from(
    store: &AzureTables,
    state: &State,
    wanted: &Tables,
    resume: bool,
    progress: impl FnMut(usize, usize),
) -> Result<(), PushError> {
    let plan = Plan::between(state, wanted).unwrap();
    let what = Push {
        revision: revision(wanted),
        tables: wanted,
        author: "ada",
        reason: "a reason",
        resume,
    };
    push(store, state, &plan, &what, progress).await
}

pub(crate) fn key(keys: &str) -> Key {
    let (partition, row) = keys.split_once('/').unwrap();
    let part = |text| KeyPart::parse(text).unwrap();
    Key {
        partition: part(partition),
        row: part(row),
    }
}

pub(crate) fn insert(keys: &str, cells: &[(&str, &str)]) -> Change {
    Change::Insert(row(keys, cells))
}

pub(crate) fn row(keys: &str, cells: &[(&str, &str)]) -> Row {
    let cells = cells
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Row::new(key(keys), cells.collect()).unwrap()
}

/// Writes as another tool does.
pub(crate) async fn write(store: &AzureTables, table: StoreTable, changes: Vec<Change>) {
    for batch in Batch::split(changes) {
        store.write(table, &batch).await.unwrap();
    }
}

/// Replaces a row by one with these cells, as another tool does.
pub(crate) async fn edit(place: &Place, table: TableName, keys: &str, cells: &[(&str, &str)]) {
    let (store, table) = (place.client(), StoreTable::Config(table));
    let found = find(place, table, keys).await.unwrap();
    write(
        &store,
        table,
        vec![Change::Replace(row(keys, cells), found.etag)],
    )
    .await;
}

pub(crate) async fn find(place: &Place, table: StoreTable, keys: &str) -> Option<StoredRow> {
    let rows = place.client().rows(table).await.unwrap();
    rows.into_iter().find(|row| row.key == key(keys))
}

/// What all tables say but the revisions: table, keys and cells.
pub(crate) async fn contents(place: &Place) -> Vec<(TableName, String, Vec<(String, String)>)> {
    let mut contents = Vec::new();
    for table in TableName::ALL {
        let rows = place
            .client()
            .rows(StoreTable::Config(table))
            .await
            .unwrap();
        let rows = rows.into_iter();
        contents.extend(rows.map(|row| (table, row.key.to_string(), row.cells)));
    }
    contents
}

/// Waits for it in the middle of a callback; the test needs a runtime with threads.
pub(crate) fn now<F: Future>(work: F) -> F::Output {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(work))
}
