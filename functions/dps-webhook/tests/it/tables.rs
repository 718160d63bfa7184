//! Config tables of a real Azurite, a webhook over them, and a proxy that can break the way.

use std::path::PathBuf;

use azurite::{Azurite, Fault, FaultProxy};
use dps_allocation::Policy;
use dps_allocation::tables::{TableName, Tables};
use dps_policy_store::azure::{
    AzureTables, Batch, Change, Connection, Key, KeyPart, Row, StoreTable,
};
use dps_policy_store::push::{Plan, Push, State, push};
use dps_policy_store::{CsvFolder, PolicyStore};
use dps_webhook::LastGoodFiles;
use tempfile::TempDir;

use crate::webhook::{Webhook, write_tables};

/// Who pushes with a version that does not note what the tables were before.
pub(crate) const OF_OLD: &str = "methuselah";

/// The tables of the tests in Azurite, under a prefix of their own.
pub(crate) struct Cloud {
    /// Not by way of the proxy.
    pub(crate) direct: AzureTables,
    pub(crate) proxy: FaultProxy,
    prefix: String,
}

impl Cloud {
    /// Without tables.
    pub(crate) fn empty() -> Self {
        let azurite: &Azurite = azurite::shared();
        let prefix = azurite::unique_prefix();
        let proxy = FaultProxy::start(azurite.port());
        Self {
            direct: tables(&azurite.connection_string(), &prefix),
            proxy,
            prefix,
        }
    }

    /// With the tables of the tests.
    pub(crate) async fn new() -> Self {
        let cloud = Self::empty();
        cloud.direct.create_missing_tables().await.unwrap();
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
            resume: false,
        };
        push(&self.direct, &state, &plan, &by, |_, _| {})
            .await
            .unwrap();
    }

    /// The store as the webhook sees it: by way of the proxy.
    pub(crate) fn store(&self) -> PolicyStore {
        let through = azurite::shared().through(self.proxy.port());
        PolicyStore::Azure(tables(&through, &self.prefix))
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
        let table = StoreTable::Config(name);
        let part = |text| KeyPart::parse(text).unwrap();
        let key = Key {
            partition: part(keys.0),
            row: part(keys.1),
        };
        let stored = self.direct.rows(table).await.unwrap();
        let stored = stored.into_iter().find(|row| row.key == key);
        let mut row = stored
            .as_ref()
            .map(|row| row.cells.clone())
            .unwrap_or_default();
        for (column, text) in cells {
            row.retain(|(name, _)| name != column);
            row.push(((*column).to_owned(), (*text).to_owned()));
        }
        let row = Row::new(key, row).unwrap();
        let change = match stored {
            Some(stored) => Change::Replace(row, stored.etag),
            None => Change::Insert(row),
        };
        for batch in Batch::split(vec![change]) {
            self.direct.write(table, &batch).await.unwrap();
        }
    }

    /// Adds a row to the table of revisions and pushes.
    pub(crate) async fn add_revision_row(&self, keys: (&str, &str), cells: &[(&str, &str)]) {
        let part = |text| KeyPart::parse(text).unwrap();
        let key = Key {
            partition: part(keys.0),
            row: part(keys.1),
        };
        let cells = cells
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let row = Row::new(key, cells.collect()).unwrap();
        for batch in Batch::split(vec![Change::Insert(row)]) {
            let written = self.direct.write(StoreTable::Revisions, &batch).await;
            written.unwrap();
        }
    }

    /// Leaves what a push leaves that was interrupted before its first write.
    pub(crate) async fn mark_push(&self, author: &str) {
        let part = |text| KeyPart::parse(text).unwrap();
        let key = Key {
            partition: part("push"),
            row: part("current"),
        };
        let state = State::read(&self.direct, false).await.unwrap();
        let before = state.revision().filter(|_| author != OF_OLD);
        let before = before.map_or(String::new(), |it| it.to_string());
        let cells = [
            ("author", author),
            ("before", &*before),
            ("revision", "0123456789ab"),
        ];
        let cells = cells.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let row = Row::new(key, cells.to_vec()).unwrap();
        for batch in Batch::split(vec![Change::Insert(row)]) {
            self.direct
                .write(StoreTable::Revisions, &batch)
                .await
                .unwrap();
        }
    }

    /// Finishes what [`Cloud::mark_push`] began.
    pub(crate) async fn unmark_push(&self) {
        let rows = self.direct.rows(StoreTable::Revisions).await.unwrap();
        let marks = rows
            .into_iter()
            .filter(|row| row.key.partition.as_str() == "push");
        for batch in Batch::split(marks.map(|row| Change::Delete(row.key, row.etag)).collect()) {
            self.direct
                .write(StoreTable::Revisions, &batch)
                .await
                .unwrap();
        }
    }

    /// From now on no answer comes back.
    pub(crate) fn black_hole(&self) {
        self.proxy.set(Fault::BlackHole);
    }
}

fn tables(connection: &str, prefix: &str) -> AzureTables {
    let connection = Connection::parse(connection).unwrap();
    AzureTables::new(connection, prefix.parse().unwrap()).unwrap()
}
