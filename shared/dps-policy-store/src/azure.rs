//! The config tables in Azure Tables, or in Azurite.
//!
//! Everything that names an `azure_*` crate is in here. `azure_data_tables` 0.21 is no longer
//! developed, so it is fenced in: it builds requests and parses answers, and a transport of our
//! own does what it gets wrong: signing, time limits, retries, failure answers.

mod access;
mod aws_role;
mod client;
mod confirm;
mod connection;
mod connection_string;
pub(crate) mod device_key;
mod error;
mod exchange;
mod failure;
mod identity;
mod lookup;
pub(crate) mod model;
mod network;
mod principal;
mod quiet;
mod read;
mod request;
mod settings;
mod sign;
mod tables;
mod token;
mod transport;
mod write;

pub use access::{AccessError, AccessFault};
pub use client::AzureTables;
pub use connection::Connection;
pub use error::{ClientError, ReadError, WriteError};
pub use lookup::StoredDevice;
pub use model::{
    Batch, Change, ETag, Key, KeyPart, Row, RowError, StoreTable, StoredRow, TablePrefix, WrongKey,
    WrongPrefix,
};
pub use network::Network;
pub(crate) use settings::CREATE;
