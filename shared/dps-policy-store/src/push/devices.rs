//! Writing device rows: each is a fact of its own, so they need no undoing, and may go side by side.

use dps_allocation::tables::TableName;
use futures_util::stream::{self, StreamExt as _};

use super::error::PushError;
use super::plan::Plan;
use crate::azure::{AzureTables, Batch, StoreTable, WriteError};

/// Writes under way at once; a partition accepts 2,000 a second, and each device is one of its own.
///
/// <https://learn.microsoft.com/azure/storage/tables/scalability-targets>
const SIDE_BY_SIDE: usize = 16;

pub(super) async fn write(
    store: &AzureTables,
    plan: &Plan,
    progress: &mut impl FnMut(usize, usize),
) -> Result<(), PushError> {
    let batches = || plan.devices.iter().chain(&plan.deleted_devices);
    let all: usize = batches().map(|batch| batch.changes().len()).sum();
    let of_policy = plan.writes() - all;
    let mut written = 0;
    for batches in [&plan.devices, &plan.deleted_devices] {
        let writes = batches.iter().map(|batch| one(store, batch));
        let mut writes = stream::iter(writes).buffer_unordered(SIDE_BY_SIDE);
        while let Some(changes) = writes.next().await {
            let changes = changes.map_err(|source| PushError::Devices {
                written,
                all,
                source,
            })?;
            written += changes;
            progress(of_policy + written, of_policy + all);
        }
    }
    Ok(())
}

async fn one(store: &AzureTables, batch: &Batch) -> Result<usize, WriteError> {
    let devices = StoreTable::Config(TableName::Devices);
    store.write_confirmed(devices, batch).await?;
    Ok(batch.changes().len())
}
