//! A client for the tables of one storage account.

use std::fmt;
use std::sync::Arc;

use azure_core_legacy::{RetryOptions, TransportOptions};
use azure_data_tables::clients::{TableClient, TableServiceClient, TableServiceClientBuilder};
use azure_storage::{CloudLocation, StorageCredentials};

use super::access::{AccessError, AccessFault, Role};
use super::connection::Connection;
use super::error::ClientError;
use super::failure::Failure;
use super::model::{StoreTable, TablePrefix};
use super::transport::Transport;

/// The tables of one storage account; a clone shares connections and tokens.
#[derive(Clone)]
pub struct AzureTables(Arc<Inner>);

struct Inner {
    service: TableServiceClient,
    transport: Arc<Transport>,
    connection: Connection,
    prefix: TablePrefix,
}

impl AzureTables {
    /// A client for the tables; nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError`] when the identity lacks a setting, or TLS cannot be set up.
    pub fn new(connection: Connection, prefix: TablePrefix) -> Result<Self, ClientError> {
        let transport = Transport::new(&connection)?;
        Ok(Self::over(transport, connection, prefix))
    }

    /// The same tables over new connections; tokens are shared.
    ///
    /// A server closes idle connections, and a laptop that sleeps does not notice: after
    /// a pause a write must not depend on one.
    ///
    /// # Errors
    /// [`ClientError::Tls`] when TLS cannot be set up.
    pub fn reconnected(&self) -> Result<Self, ClientError> {
        let (connection, prefix) = (&self.0.connection, &self.0.prefix);
        let transport = self.0.transport.reconnected(connection)?;
        Ok(Self::over(transport, connection.clone(), prefix.clone()))
    }

    pub(super) fn over(transport: Transport, connection: Connection, prefix: TablePrefix) -> Self {
        let transport = Arc::new(transport);
        let location = CloudLocation::Custom {
            account: String::new(),
            uri: connection.endpoint().to_string(),
        };
        let service =
            TableServiceClientBuilder::with_location(location, StorageCredentials::anonymous())
                .transport(TransportOptions::new(Arc::<Transport>::clone(&transport)))
                .retry(RetryOptions::none())
                .build();
        Self(Arc::new(Inner {
            service,
            transport,
            connection,
            prefix,
        }))
    }

    pub(super) fn client(&self, table: StoreTable) -> TableClient {
        self.0.service.table_client(self.name(table))
    }

    /// Who signs in, as a token of Microsoft Entra names them; none for a key or a signature.
    pub(crate) async fn principal(&self) -> Option<String> {
        self.0.transport.principal().await
    }

    /// The account, for error messages.
    pub(super) fn account(&self) -> String {
        self.0.connection.to_string()
    }

    /// What a failed request means.
    pub(super) fn access_error(
        &self,
        table: StoreTable,
        role: Role,
        failure: Failure,
    ) -> AccessError {
        let table = self.name(table);
        if failure.is("TableNotFound") {
            return AccessError::no_table(AccessFault::NoTable, &self.account(), &[table]);
        }
        let who = self.0.connection.access();
        AccessError::new(&self.account(), &table, who, role, failure)
    }

    /// The name of the table with revisions and pushes.
    pub(crate) fn revisions_table(&self) -> String {
        self.name(StoreTable::Revisions)
    }

    /// The table's name in the account.
    pub(super) fn name(&self, table: StoreTable) -> String {
        table.name(&self.0.prefix)
    }
}

impl fmt::Display for AzureTables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (connection, prefix) = (&self.0.connection, &self.0.prefix);
        write!(f, "Azure Tables `{connection}`, prefix `{prefix}`")
    }
}

impl fmt::Debug for AzureTables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureTables")
            .field("connection", &self.0.connection)
            .field("prefix", &self.0.prefix)
            .finish_non_exhaustive()
    }
}
