//! Tables of a test in the shared Azurite, and what tests do with them.

use std::fs;

use azurite::{FaultProxy, shared};
use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Policy, Revision};
use dps_policy_store::azure::{AzureTables, Change, StoreTable, StoredRow};
use dps_policy_store::push::{Plan, Push, PushError, State, push};
use dps_policy_store::{CsvFolder, PolicyStore, Report};
use support::Account;
pub(crate) use support::{insert, key, row};

/// The tables of one test.
pub(crate) struct Place(Account);

impl Place {
    /// Empty tables.
    pub(crate) async fn new() -> Self {
        Self(Account::with_tables().await)
    }

    /// Tables with the starter policy, and that policy.
    pub(crate) async fn with_starter() -> (Self, Tables) {
        let (this, tables) = (Self::new().await, starter(&[]));
        put(&this.client(), &tables).await.unwrap();
        (this, tables)
    }

    /// A client of its own.
    pub(crate) fn client(&self) -> AzureTables {
        self.0.direct()
    }

    /// A client that reaches the tables by way of a proxy.
    pub(crate) fn through(&self, proxy: &FaultProxy) -> AzureTables {
        self.0.by(proxy)
    }
}

pub(crate) fn proxy() -> FaultProxy {
    FaultProxy::start(shared().port())
}

/// The starter policy, with edits of its files: `(table, text, other text)`; no text appends.
pub(crate) fn starter(edits: &[(&str, &str, &str)]) -> Tables {
    let folder = tempfile::tempdir().unwrap();
    for name in TableName::all() {
        let file = name.file_name();
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

/// The starter policy with round trips from that many locations, each a partition.
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

/// The revision of what is stored; the findings if it is not a policy.
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
    put_predicted(store, state, wanted, resume, None, progress).await
}

/// With what was predicted of it; one that goes on gives no reason.
pub(crate) async fn put_predicted(
    store: &AzureTables,
    state: &State,
    wanted: &Tables,
    resume: bool,
    report: Option<&Report>,
    progress: impl FnMut(usize, usize),
) -> Result<(), PushError> {
    let plan = Plan::between(state, wanted).unwrap();
    let what = Push {
        revision: revision(wanted),
        tables: wanted,
        author: "ada",
        reason: if resume { "" } else { "a reason" },
        report,
        resume,
    };
    push(store, state, &plan, &what, progress).await
}

/// Writes as another tool does.
pub(crate) async fn write(store: &AzureTables, table: StoreTable, changes: Vec<Change>) {
    support::write(store, table, changes).await.unwrap();
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
    support::find(&place.client(), table, keys).await
}

/// What all tables say but the revisions: table, keys and cells.
pub(crate) async fn contents(place: &Place) -> Vec<(TableName, String, Vec<(String, String)>)> {
    let mut contents = Vec::new();
    for table in TableName::all() {
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
