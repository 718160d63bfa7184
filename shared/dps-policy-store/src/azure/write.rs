//! Writing rows.

use azure_data_tables::IfMatchCondition;
use azure_data_tables::operations::TransactionBuilder;

use super::access::Role;
use super::client::AzureTables;
use super::error::WriteError;
use super::failure::Failure;
use super::model::{Batch, Change, ETag, StoreTable};
use super::quiet::quiet;

impl AzureTables {
    /// Makes all changes of a batch, or none; returns the new version of each row, none for one
    /// that was deleted.
    ///
    /// # Errors
    /// [`WriteError`]; after [`WriteError::Unconfirmed`] the changes may have been made.
    pub async fn write(
        &self,
        table: StoreTable,
        batch: &Batch,
    ) -> Result<Vec<Option<ETag>>, WriteError> {
        let Some(first) = batch.changes().first() else {
            return Ok(Vec::new());
        };
        let partition = first.key().partition.quoted();
        let transaction = self
            .client(table)
            .partition_key_client(partition)
            .transaction();
        let unwritten = |failure| self.unwritten(table, batch, failure);
        let transaction = batch
            .changes()
            .iter()
            .try_fold(transaction, add)
            .map_err(|error| unwritten(Failure::of(&error)))?;
        let answer = quiet(transaction.into_future()).await;
        let answer = answer.map_err(|error| unwritten(Failure::of(&error)))?;
        if answer.operation_responses.len() != batch.changes().len() {
            let seen = answer.operation_responses.len();
            let cause = format!("{seen} answers to {} changes", batch.changes().len());
            return Err(unwritten(Failure::Unreadable(cause)));
        }
        let etags = answer.operation_responses.into_iter();
        Ok(etags
            .map(|it| it.etag.map(|etag| ETag(etag.to_string())))
            .collect())
    }

    fn unwritten(&self, table: StoreTable, batch: &Batch, failure: Failure) -> WriteError {
        if failure.leaves_open() {
            return WriteError::Unconfirmed {
                table: self.name(table),
                cause: failure.to_string(),
            };
        }
        if let Failure::Refused(refusal) = &failure
            && matches!(refusal.status, 404 | 409 | 412)
            && !failure.is("TableNotFound")
        {
            let change = batch.changes().get(refusal.operation.unwrap_or_default());
            if let Some(change) = change {
                return WriteError::Conflict {
                    table: self.name(table),
                    key: change.key().clone(),
                    code: refusal.code.clone(),
                };
            }
        }
        self.access_error(table, Role::Contributor, failure).into()
    }
}

fn add(
    transaction: TransactionBuilder,
    change: &Change,
) -> azure_core_legacy::Result<TransactionBuilder> {
    let row_key = change.key().row.quoted();
    let version = |etag: &ETag| Some(IfMatchCondition::Etag(etag.0.clone().into()));
    match change {
        Change::Insert(row) => transaction.insert(row.to_json()),
        Change::Replace(row, etag) => transaction.update(row_key, row.to_json(), version(etag)),
        Change::Delete(_, etag) => transaction.delete(row_key, version(etag)),
    }
}
