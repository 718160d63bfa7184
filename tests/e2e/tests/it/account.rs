//! A storage account with tables of its own.

use std::path::PathBuf;

use azurite::FaultProxy;
use dps_allocation::tables::TableName;
use dps_policy_store::PolicyStore;
use dps_policy_store::StoreSettings;
use dps_policy_store::azure::{AzureTables, Batch, Change, Row, StoreTable};
use dps_settings::Environment;
use e2e::{ScriptRoot, dps_policy};
use tempfile::TempDir;

/// Tables of a storage account, reached by way of a proxy.
pub(crate) struct Account {
    pub(crate) proxy: FaultProxy,
    connection: String,
    prefix: String,
}

impl Account {
    pub(crate) fn new() -> Self {
        let azurite = azurite::shared();
        let proxy = FaultProxy::start(azurite.port());
        let connection = azurite.through(proxy.port());
        let prefix = azurite::unique_prefix();
        Self {
            proxy,
            connection,
            prefix,
        }
    }

    pub(crate) fn settings(&self) -> [(&str, &str); 3] {
        [
            ("PolicyTables", &self.connection),
            ("POLICY_TABLE_PREFIX", &self.prefix),
            ("POLICY_REFRESH_SECONDS", "1"),
        ]
    }

    pub(crate) fn operate(&self, arguments: &[&str]) -> String {
        dps_policy(arguments, &self.settings())
    }

    /// Puts the policy of the tables where a deployment carries its last good one; answers the file.
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
        let variables = self
            .settings()
            .map(|(name, value)| (name.into(), value.into()));
        let settings = Environment::new(variables)
            .read(StoreSettings::read)
            .unwrap();
        let PolicyStore::Azure(tables) = settings.open().unwrap() else {
            panic!("the settings name tables");
        };
        edit(&tables, host, column, text).await;
    }
}

async fn edit(tables: &AzureTables, host: &str, column: &str, text: &str) {
    let hubs = StoreTable::Config(TableName::Hubs);
    let rows = tables.rows(hubs).await.unwrap();
    let row = rows
        .into_iter()
        .find(|row| row.key.row.as_str() == host)
        .unwrap();
    let mut cells = row.cells;
    cells.retain(|(name, _)| name != column);
    cells.push((column.to_owned(), text.to_owned()));
    let change = Change::Replace(Row::new(row.key, cells).unwrap(), row.etag);
    for batch in Batch::split(vec![change]) {
        tables.write(hubs, &batch).await.unwrap();
    }
}
