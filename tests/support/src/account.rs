//! A storage account with config tables of one test.

use azurite::{Azurite, FaultProxy, connection_by, shared, unique_prefix};
use dps_policy_store::azure::{AzureTables, Connection, TablePrefix};

/// Config tables of one test, under a prefix of their own; a clone is the same tables.
#[derive(Clone, Debug)]
pub struct Account {
    port: u16,
    prefix: TablePrefix,
}

impl Account {
    /// In the shared Azurite, without tables.
    #[must_use]
    pub fn new() -> Self {
        Self::on(shared())
    }

    /// In an Azurite of the test's own, without tables.
    #[must_use]
    pub fn on(azurite: &Azurite) -> Self {
        Self {
            port: azurite.port(),
            prefix: unique_prefix().parse().unwrap(),
        }
    }

    /// In the shared Azurite, with tables that have no rows.
    pub async fn with_tables() -> Self {
        let account = Self::new();
        account.create_tables().await;
        account
    }

    /// Creates all tables.
    pub async fn create_tables(&self) {
        let made = self.direct().create_missing_tables().await.unwrap();
        assert_eq!(made.len(), 9, "there were none");
    }

    /// A way to the tables that can break.
    #[must_use]
    pub fn proxy(&self) -> FaultProxy {
        FaultProxy::start(self.port)
    }

    /// A client that uses no proxy.
    #[must_use]
    pub fn direct(&self) -> AzureTables {
        self.client(self.port)
    }

    /// A client that uses this proxy.
    #[must_use]
    pub fn by(&self, proxy: &FaultProxy) -> AzureTables {
        self.client(proxy.port())
    }

    fn client(&self, port: u16) -> AzureTables {
        let connection = Connection::parse(&connection_by(port)).unwrap();
        AzureTables::new(connection, self.prefix.clone()).unwrap()
    }

    /// What all names of the tables begin with.
    #[must_use]
    pub fn prefix(&self) -> &TablePrefix {
        &self.prefix
    }

    /// The settings of a program that uses the tables by this port, that of Azurite or of a proxy.
    #[must_use]
    pub fn settings(&self, port: u16) -> [(&'static str, String); 2] {
        [
            ("PolicyTables", connection_by(port)),
            ("POLICY_TABLE_PREFIX", self.prefix.to_string()),
        ]
    }
}

impl Default for Account {
    fn default() -> Self {
        Self::new()
    }
}
