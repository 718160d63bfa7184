//! Looking up one device.

use std::time::Duration;

use dps_allocation::tables::{Table, TableName};
use dps_allocation::{Finding, RegistrationId};
use futures_util::future::try_join_all;
use serde_json::{Map, Value};

use super::client::AzureTables;
use super::device_key::{DEVICE, finding, is_device, spellings};
use super::error::ReadError;
use super::failure::Failure;
use super::model::{KeyPart, StoreTable, StoredRow};
use super::quiet::quiet;
use super::read::{Columns, fill};

/// What is stored of a device.
#[derive(Clone, Debug)]
pub struct StoredDevice {
    /// Its row; two rows, which is an error, if both could be meant.
    pub row: Table,
    /// What is wrong with its keys.
    pub findings: Vec<Finding>,
}

impl AzureTables {
    /// Looks up one device; retries included in `limit`.
    ///
    /// A row whose keys are in capitals is found too, at the cost of further transactions.
    ///
    /// # Errors
    /// [`ReadError`] when it is not known whether the device has a row.
    pub async fn device(
        &self,
        id: &RegistrationId<'_>,
        limit: Duration,
    ) -> Result<Option<StoredDevice>, ReadError> {
        let found = self.within(limit, self.look_up(id)).await?;
        found.map_err(|failure| self.unread(DEVICES, failure))
    }

    async fn look_up(&self, id: &RegistrationId<'_>) -> Result<Option<StoredDevice>, Failure> {
        // Registration ids hold nothing that a key may not.
        let partition = KeyPart::unchecked(id.as_str());
        let partition = self
            .client(DEVICES)
            .partition_key_client(partition.quoted());
        let get = partition.entity_client(DEVICE).get::<Map<String, Value>>();
        let found = quiet(get.into_future()).await;
        let found = match found.map_err(|error| Failure::of(&error)) {
            Err(failure) if failure.is("ResourceNotFound") => {
                return self.look_up_misspelled(id).await;
            }
            found => found?,
        };
        let row = StoredRow::from_json(found.entity, Some(found.etag.to_string()));
        let row = row.ok_or_else(|| Failure::Unreadable("a row without a key".to_owned()))?;
        stored(&[row]).map(Some)
    }

    /// One query a spelling: Azure would scan the whole table for a choice of partitions.
    async fn look_up_misspelled(
        &self,
        id: &RegistrationId<'_>,
    ) -> Result<Option<StoredDevice>, Failure> {
        let partition = |spelling| {
            let filter = KeyPart::unchecked(spelling).partition_filter();
            self.scan(DEVICES, Some(filter), Columns::All)
        };
        let rows = try_join_all(spellings(id).into_iter().map(partition)).await?;
        let rows = rows.into_iter().flatten();
        let rows: Vec<StoredRow> = rows.filter(|row| is_device(&row.key.row)).collect();
        if rows.is_empty() {
            return Ok(None);
        }
        stored(&rows).map(Some)
    }
}

fn stored(rows: &[StoredRow]) -> Result<StoredDevice, Failure> {
    let mut row = Table::default();
    let filled = fill(TableName::Devices, &mut row, rows);
    filled.map_err(|too_large| Failure::Unreadable(too_large.to_string()))?;
    let findings = rows.iter().filter_map(|row| finding(&row.key));
    Ok(StoredDevice {
        row,
        findings: findings.collect(),
    })
}

const DEVICES: StoreTable = StoreTable::Config(TableName::Devices);

#[cfg(test)]
mod tests;
