//! A storage account with tables of its own.

use std::path::PathBuf;

use azurite::FaultProxy;
use dps_allocation::tables::TableName;
use e2e::{ScriptRoot, dps_policy};
use tempfile::TempDir;

/// Tables of a storage account, reached by way of a proxy.
pub(crate) struct Account {
    pub(crate) proxy: FaultProxy,
    tables: support::Account,
    settings: [(&'static str, String); 2],
}

impl Account {
    pub(crate) fn new() -> Self {
        let tables = support::Account::new();
        let proxy = tables.proxy();
        Self {
            settings: tables.settings(proxy.port()),
            proxy,
            tables,
        }
    }

    pub(crate) fn settings(&self) -> [(&str, &str); 3] {
        let [connection, prefix] = &self.settings;
        [
            (connection.0, &*connection.1),
            (prefix.0, &*prefix.1),
            ("POLICY_REFRESH_SECONDS", "1"),
        ]
    }

    pub(crate) fn operate(&self, arguments: &[&str]) -> String {
        dps_policy(arguments, &self.settings())
    }

    /// Puts the policy of the tables where a deployment carries its last good one; returns the file.
    pub(crate) fn carry_last_good(&self, root: &ScriptRoot) -> PathBuf {
        let (pulled, file) = (
            TempDir::new().unwrap(),
            root.path().join("last-good.policy"),
        );
        let [file_name, folder] = [file.as_path(), pulled.path()].map(|it| it.to_str().unwrap());
        self.operate(&["pull", "--last-good", file_name, folder]);
        file
    }

    /// As Storage Explorer edits one cell of a hub.
    pub(crate) async fn edit_hub(&self, host: &str, column: &str, text: &str) {
        let keys = format!("hub/{host}");
        let cells = [(column, text)];
        support::edit(&self.tables.by(&self.proxy), TableName::Hubs, &keys, &cells).await;
    }
}
