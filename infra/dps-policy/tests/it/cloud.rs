//! Azure Tables of a test's own in a real Azurite, as the program is told of them.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use azurite::{Fault, FaultProxy};
use dps_allocation::Revision;
use dps_allocation::tables::{TableName, Tables};
use dps_policy_store::Revisions;
use dps_policy_store::azure::{
    AzureTables, Batch, Change, Connection, Key, KeyPart, Row, StoreTable, StoredRow,
};
use tokio::runtime::{Builder, Runtime};

use crate::program::{Run, program};
use crate::terminal::Terminal;

/// For what takes a second or two; more means that it never comes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Tables under a prefix of their own; the program reaches them through a proxy.
pub(crate) struct Cloud {
    pub(crate) proxy: FaultProxy,
    prefix: String,
    /// How the program reaches them.
    settings: String,
    /// Not through the proxy.
    direct: AzureTables,
    runtime: Runtime,
}

impl Cloud {
    /// Without tables.
    pub(crate) fn empty() -> Self {
        Self::of(azurite::unique_prefix())
    }

    fn of(prefix: String) -> Self {
        let azurite = azurite::shared();
        let connection = Connection::parse(&azurite.connection_string()).unwrap();
        let proxy = FaultProxy::start(azurite.port());
        Self {
            settings: azurite.through(proxy.port()),
            proxy,
            direct: AzureTables::new(connection, prefix.parse().unwrap()).unwrap(),
            prefix,
            runtime: Builder::new_current_thread().enable_all().build().unwrap(),
        }
    }

    /// The same tables by way of another proxy.
    pub(crate) fn beside(&self) -> Self {
        Self::of(self.prefix.clone())
    }

    /// With tables, all without rows.
    pub(crate) fn without_rows() -> Self {
        let cloud = Self::empty();
        let made = cloud.direct.create_missing_tables();
        assert_eq!(cloud.runtime.block_on(made).unwrap().len(), 9);
        cloud
    }

    /// With the starter tables, pushed by the program; also devices.
    pub(crate) fn starter() -> Self {
        let cloud = Self::empty();
        let pushed = cloud.run(&[
            "push",
            "--yes",
            "--devices",
            "--author",
            "setup",
            "infra/policy",
        ]);
        assert_eq!(pushed.code, Some(0), "{}", pushed.stderr);
        cloud
    }

    /// The same without the proxy.
    pub(crate) fn direct_starter() -> Self {
        let mut cloud = Self::starter();
        cloud.settings = azurite::shared().connection_string();
        cloud
    }

    /// The program with these tables in its settings.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut program = program(arguments);
        program.env("PolicyTables", &self.settings);
        program.env("POLICY_TABLE_PREFIX", &self.prefix);
        program.env("USER", "somebody");
        program
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.program(arguments).output().unwrap().into()
    }

    /// The program on a terminal.
    pub(crate) fn terminal(&self, arguments: &[&str]) -> Terminal {
        Terminal::start(&self.program(arguments))
    }

    /// The program on a terminal of 80 columns.
    pub(crate) fn terminal_80(&self, arguments: &[&str]) -> Terminal {
        Terminal::with_80_columns(&self.program(arguments))
    }

    /// The revision of the tables, which must be a policy.
    #[track_caller]
    pub(crate) fn revision(&self) -> String {
        let document = self.run(&["check", "tables", "--json"]).json(0);
        document["revision"].as_str().unwrap().to_owned()
    }

    /// Keeps tables under a revision, as a version that checked less did.
    pub(crate) fn keep(&self, revision: Revision, tables: &Tables) {
        let revisions = Revisions::of(&self.direct);
        let kept = revisions.keep(revision, tables);
        assert!(self.runtime.block_on(kept).unwrap());
    }

    /// The rows of a config table.
    pub(crate) fn rows(&self, name: TableName) -> Vec<StoredRow> {
        self.stored(StoreTable::Config(name))
    }

    /// Whether a push is under way, or was interrupted.
    pub(crate) fn has_marker(&self) -> bool {
        let rows = self.stored(StoreTable::Revisions);
        rows.iter().any(|row| row.key == key("push/current"))
    }

    /// Sets a cell of a row as an operator does in a portal; adds the row where there is none.
    pub(crate) fn edit(&self, name: TableName, keys: &str, column: &str, text: &str) {
        let mut rows = self.rows(name).into_iter();
        let stored = rows.find(|row| row.key == key(keys));
        let cells = stored.as_ref().map(|row| row.cells.clone());
        let mut cells = cells.unwrap_or_default();
        cells.retain(|(name, _)| name != column);
        cells.push((column.to_owned(), text.to_owned()));
        let row = Row::new(key(keys), cells).unwrap();
        let change = match stored {
            Some(stored) => Change::Replace(row, stored.etag),
            None => Change::Insert(row),
        };
        for batch in Batch::split(vec![change]) {
            let written = self.direct.write(StoreTable::Config(name), &batch);
            self.runtime.block_on(written).unwrap();
        }
    }

    /// The text of a cell, empty where there is none.
    #[track_caller]
    pub(crate) fn cell(&self, name: TableName, keys: &str, column: &str) -> String {
        let rows = self.rows(name);
        let row = rows.iter().find(|row| row.key == key(keys)).unwrap();
        let cell = row.cells.iter().find(|(name, _)| name == column);
        cell.map(|(_, text)| text.clone()).unwrap_or_default()
    }

    /// Inserts a row beside the revisions, as whoever may write there can.
    pub(crate) fn insert_into_revisions(&self, keys: &str, cells: &[(&str, &str)]) {
        let cells = cells
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let row = Row::new(key(keys), cells.collect()).unwrap();
        for batch in Batch::split(vec![Change::Insert(row)]) {
            let written = self.direct.write(StoreTable::Revisions, &batch);
            self.runtime.block_on(written).unwrap();
        }
    }

    /// Waits for what the program does to the tables.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, mut is: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is(self) {
            assert!(Instant::now() < end, "never: {what}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// From the next write of rows on, and for those alone.
    pub(crate) fn writes_meet(&self, fault: Fault) {
        self.proxy
            .set(Fault::OnlyTo("POST /".to_owned(), Box::new(fault)));
    }

    fn stored(&self, table: StoreTable) -> Vec<StoredRow> {
        self.runtime.block_on(self.direct.rows(table)).unwrap()
    }
}

/// `partition/row`
fn key(text: &str) -> Key {
    let (partition, row) = text.split_once('/').unwrap();
    let part = |text| KeyPart::parse(text).unwrap();
    Key {
        partition: part(partition),
        row: part(row),
    }
}
