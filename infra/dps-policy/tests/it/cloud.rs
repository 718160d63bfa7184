//! Azure Tables of a test's own in a real Azurite, as the program is told of them.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use azurite::{Azurite, Fault, FaultProxy};
use dps_allocation::Revision;
use dps_allocation::tables::{TableName, Tables};
use dps_policy_store::Revisions;
use dps_policy_store::azure::{AzureTables, StoreTable, StoredRow};
use support::{Account, insert, key, write};
use tokio::runtime::{Builder, Runtime};

use crate::program::{Run, program};
use crate::terminal::Terminal;

/// For what takes a second or two; more means that it never comes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Tables under a prefix of their own; the program reaches them through a proxy.
pub(crate) struct Cloud {
    pub(crate) proxy: FaultProxy,
    account: Account,
    /// How the program reaches them.
    settings: [(&'static str, String); 2],
    /// Not through the proxy.
    direct: AzureTables,
    runtime: Runtime,
}

impl Cloud {
    /// Without tables.
    pub(crate) fn empty() -> Self {
        Self::of(Account::new())
    }

    fn of(account: Account) -> Self {
        let proxy = account.proxy();
        Self {
            settings: account.settings(proxy.port()),
            proxy,
            direct: account.direct(),
            account,
            runtime: Builder::new_current_thread().enable_all().build().unwrap(),
        }
    }

    /// The same tables by way of another proxy.
    pub(crate) fn beside(&self) -> Self {
        Self::of(self.account.clone())
    }

    /// With tables, all without rows.
    pub(crate) fn without_rows() -> Self {
        let cloud = Self::empty();
        cloud.runtime.block_on(cloud.account.create_tables());
        cloud
    }

    /// With the starter tables, pushed by the program; also devices.
    pub(crate) fn starter() -> Self {
        let cloud = Self::empty();
        cloud.push_starter();
        cloud
    }

    /// The same without a proxy, in an Azurite of the test's own.
    pub(crate) fn direct_starter(azurite: &Azurite) -> Self {
        let mut cloud = Self::of(Account::on(azurite));
        cloud.settings = cloud.account.settings(azurite.port());
        cloud.push_starter();
        cloud
    }

    fn push_starter(&self) {
        let pushed = self.run(&[
            "push",
            "--yes",
            "--devices",
            "--author",
            "setup",
            "infra/policy",
        ]);
        assert_eq!(pushed.code, Some(0), "{}", pushed.stderr);
    }

    /// The program with these tables in its settings.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut program = program(arguments);
        program.envs(self.settings.iter().cloned());
        program.env("USER", "somebody");
        program
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(arguments, self.program(arguments).output().unwrap())
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
        let kept = revisions.store(revision, tables);
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
        let cells = [(column, text)];
        let edit = support::edit(&self.direct, name, keys, &cells);
        self.runtime.block_on(edit);
    }

    /// The text of a cell, empty where there is none.
    #[track_caller]
    pub(crate) fn cell(&self, name: TableName, keys: &str, column: &str) -> String {
        let rows = self.rows(name);
        let row = rows.iter().find(|row| row.key == key(keys)).unwrap();
        let cell = row.cells.iter().find(|(name, _)| name == column);
        cell.map(|(_, text)| text.clone()).unwrap_or_default()
    }

    /// Deletes a config table as an operator does in a portal.
    pub(crate) fn delete_table(&self, name: TableName) {
        let table = StoreTable::Config(name).name(self.account.prefix());
        azurite::shared().delete_table(&table);
    }

    /// Inserts a row beside the revisions, as whoever may write there can.
    pub(crate) fn insert_into_revisions(&self, keys: &str, cells: &[(&str, &str)]) {
        let written = write(
            &self.direct,
            StoreTable::Revisions,
            vec![insert(keys, cells)],
        );
        self.runtime.block_on(written).unwrap();
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

    /// Lets one write of rows through after the other until something holds, and holds the answer
    /// to that one: the writer waits until another fault is set.
    pub(crate) fn hold_writes_until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        loop {
            self.wait_until(what, |it| it.proxy.held() > 0);
            if holds(self) {
                return;
            }
            self.writes_meet(Fault::Hold);
        }
    }

    fn stored(&self, table: StoreTable) -> Vec<StoredRow> {
        self.runtime.block_on(self.direct.rows(table)).unwrap()
    }
}
