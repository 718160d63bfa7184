//! The config tables in Azure Tables, or in Azurite.
//!
//! Everything that names an `azure_*` crate is in here. `azure_data_tables` 0.21 is no longer
//! developed, so it is fenced in: it builds requests and takes answers apart, and a transport of
//! our own does what it gets wrong: signing, time limits, retries, failure answers.

mod access;
mod aws_role;
mod batch;
mod connection;
mod connection_string;
pub(crate) mod device_key;
mod error;
mod failure;
mod identity;
mod key;
mod lookup;
mod names;
mod principal;
mod read;
mod request;
mod row;
mod settings;
mod sign;
mod stored;
mod tables;
mod token;
mod transport;
mod write;

use std::fmt;
use std::sync::Arc;

use azure_core_legacy::{RetryOptions, TransportOptions};
use azure_data_tables::clients::{TableClient, TableServiceClient, TableServiceClientBuilder};
use azure_storage::{CloudLocation, StorageCredentials};
use tracing::Dispatch;
use tracing::instrument::{WithDispatch, WithSubscriber as _};

use transport::Transport;

pub use access::{AccessError, Network};
pub use batch::{Batch, Change};
pub use connection::Connection;
pub use error::{ClientError, LookupError, ReadError, WriteError};
pub use key::{Key, KeyPart, WrongKey};
pub use lookup::StoredDevice;
pub use names::{StoreTable, TablePrefix, WrongPrefix};
pub use row::{Row, RowError};
pub use stored::{ETag, StoredRow};

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
    /// A server closes connections that nobody uses, and a laptop that sleeps does not notice: after
    /// a pause a write must not depend on one.
    ///
    /// # Errors
    /// [`ClientError::Tls`] when TLS cannot be set up.
    pub fn reconnected(&self) -> Result<Self, ClientError> {
        let Inner {
            transport,
            connection,
            prefix,
            ..
        } = &*self.0;
        let transport = transport.reconnected(connection)?;
        Ok(Self::over(transport, connection.clone(), prefix.clone()))
    }

    fn over(transport: Transport, connection: Connection, prefix: TablePrefix) -> Self {
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

    fn client(&self, table: StoreTable) -> TableClient {
        self.0.service.table_client(self.name(table))
    }

    /// Who signs in, as a token of Microsoft Entra names them; none for a key or a signature.
    pub(crate) async fn principal(&self) -> Option<String> {
        self.0.transport.principal().await
    }

    /// The name of the table with revisions and pushes.
    pub(crate) fn revisions_table(&self) -> String {
        self.name(StoreTable::Revisions)
    }

    /// The table's name in the account.
    fn name(&self, table: StoreTable) -> String {
        table.name(&self.0.prefix)
    }
}

impl fmt::Display for AzureTables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            connection, prefix, ..
        } = &*self.0;
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

/// Runs a call of the 0.21 crates without a log: they print the `authorization` header at debug
/// level (RUSTSEC-2026-0275), and keys and rows at trace level.
fn quiet<F: Future>(call: F) -> WithDispatch<F> {
    call.with_subscriber(Dispatch::none())
}
