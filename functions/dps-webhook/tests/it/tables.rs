//! Config tables of a real Azurite, a webhook over them, and a proxy that can break the way.

use std::path::PathBuf;

use azurite::{Fault, FaultProxy};
use dps_allocation::Policy;
use dps_allocation::tables::{TableName, Tables};
use dps_policy_store::azure::{AzureTables, Change, StoreTable};
use dps_policy_store::push::{Plan, Push, State, push};
use dps_policy_store::{CsvFolder, PolicyStore};
use dps_webhook::LastGoodFiles;
use support::{Account, insert, write};
use tempfile::TempDir;

use crate::webhook::{Webhook, write_tables};

/// Who pushes with a version that does not note what the tables were before.
pub(crate) const OF_OLD: &str = "methuselah";

/// The tables of the tests in Azurite, under a prefix of their own.
pub(crate) struct Cloud {
    /// Not by way of the proxy.
    pub(crate) direct: AzureTables,
    pub(crate) proxy: FaultProxy,
    account: Account,
}

impl Cloud {
    /// Without tables.
    pub(crate) fn empty() -> Self {
        let account = Account::new();
        Self {
            direct: account.direct(),
            proxy: account.proxy(),
            account,
        }
    }

    /// With the tables of the tests.
    pub(crate) async fn new() -> Self {
        let cloud = Self::empty();
        cloud.account.create_tables().await;
        let folder = TempDir::new().unwrap();
        write_tables(folder.path());
        let wanted = CsvFolder::new(folder.path()).read().unwrap().tables;
        cloud.push(&wanted).await;
        cloud
    }

    async fn push(&self, wanted: &Tables) {
        let state = State::read(&self.direct, true).await.unwrap();
        let plan = Plan::between(&state, wanted).unwrap();
        let by = Push {
            revision: Policy::read(wanted).policy.unwrap().revision(),
            tables: wanted,
            author: "test",
            reason: "test",
            report: None,
            resume: false,
        };
        push(&self.direct, &state, &plan, &by, |_, _| {})
            .await
            .unwrap();
    }

    /// The store as the webhook sees it: by way of the proxy.
    pub(crate) fn store(&self) -> PolicyStore {
        PolicyStore::Azure(self.account.by(&self.proxy))
    }

    /// A webhook that has not polled so far.
    pub(crate) fn webhook(&self) -> Webhook {
        let files = LastGoodFiles::default();
        Webhook::over(&self.store(), TempDir::new().unwrap(), files)
    }

    /// The same with a folder for the last good policy.
    pub(crate) fn webhook_keeping(&self, folder: PathBuf) -> Webhook {
        let files = LastGoodFiles::of(Some(folder), None);
        Webhook::over(&self.store(), TempDir::new().unwrap(), files)
    }

    /// Sets cells of a row as an operator would, whoever wrote it before.
    pub(crate) async fn edit(&self, name: TableName, keys: (&str, &str), cells: &[(&str, &str)]) {
        let keys = format!("{}/{}", keys.0, keys.1);
        support::edit(&self.direct, name, &keys, cells).await;
    }

    /// Adds a row to the table of revisions and pushes.
    pub(crate) async fn add_revision_row(&self, keys: (&str, &str), cells: &[(&str, &str)]) {
        let row = insert(&format!("{}/{}", keys.0, keys.1), cells);
        self.change_revisions(vec![row]).await;
    }

    /// Leaves what a push leaves that was interrupted before its first write.
    pub(crate) async fn mark_push(&self, author: &str) {
        let state = State::read(&self.direct, false).await.unwrap();
        let before = state.revision().filter(|_| author != OF_OLD);
        let before = before.map_or(String::new(), |it| it.to_string());
        let cells = [
            ("author", author),
            ("before", &*before),
            ("revision", "0123456789ab"),
        ];
        self.add_revision_row(("push", "current"), &cells).await;
    }

    /// Finishes what [`Cloud::mark_push`] began.
    pub(crate) async fn unmark_push(&self) {
        let rows = self.direct.rows(StoreTable::Revisions).await.unwrap();
        let marks = rows
            .into_iter()
            .filter(|row| row.key.partition.as_str() == "push");
        let changes = marks.map(|row| Change::Delete(row.key, row.etag)).collect();
        self.change_revisions(changes).await;
    }

    async fn change_revisions(&self, changes: Vec<Change>) {
        write(&self.direct, StoreTable::Revisions, changes)
            .await
            .unwrap();
    }

    /// From now on no answer comes back.
    pub(crate) fn black_hole(&self) {
        self.proxy.set(Fault::BlackHole);
    }
}
