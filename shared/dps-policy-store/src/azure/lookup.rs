//! Looking up one device.

use std::time::Duration;

use dps_allocation::RegistrationId;
use dps_allocation::tables::{Table, TableName};
use serde_json::{Map, Value};

use super::access::{AccessError, Role};
use super::error::LookupError;
use super::failure::Failure;
use super::key::KeyPart;
use super::names::StoreTable;
use super::read::fill;
use super::stored::StoredRow;
use super::{AzureTables, quiet};

/// The row key of every device.
const DEVICE: &str = "device";

impl AzureTables {
    /// Looks up one device: a table with its row, or nothing; retries included in `limit`.
    ///
    /// # Errors
    /// [`LookupError`] when it is not known whether the device has a row.
    pub async fn device(
        &self,
        id: &RegistrationId<'_>,
        limit: Duration,
    ) -> Result<Option<Table>, LookupError> {
        let devices = StoreTable::Config(TableName::Devices);
        // Registration ids hold nothing that a key may not.
        let partition = KeyPart::stored(id.as_str().to_owned());
        let partition = self
            .client(devices)
            .partition_key_client(partition.quoted());
        let get = partition.entity_client(DEVICE).get::<Map<String, Value>>();
        let answer = tokio::time::timeout(limit, quiet(get.into_future())).await;
        let store = || self.0.connection.to_string();
        let found = answer.map_err(|_elapsed| LookupError::TooSlow {
            store: store(),
            limit,
        })?;
        let failure = match found {
            Ok(found) => {
                let etag = Some(found.etag.to_string());
                let row = StoredRow::from_json(found.entity, etag);
                let mut table = Table::default();
                match row.map(|row| fill(TableName::Devices, &mut table, &[row])) {
                    Some(Ok(())) => return Ok(Some(table)),
                    _ => Failure::Unreadable("a row without a key".to_owned()),
                }
            }
            Err(error) => Failure::of(&error),
        };
        if failure.is("ResourceNotFound") {
            return Ok(None);
        }
        if failure.is("TableNotFound") {
            return Err(LookupError::NoTable {
                store: store(),
                table: self.name(devices),
            });
        }
        let access = AccessError::new(self, devices, Role::Reader, failure);
        Err(LookupError::Access(access))
    }
}

#[cfg(test)]
mod tests;
