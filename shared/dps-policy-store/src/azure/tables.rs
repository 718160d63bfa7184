//! Finds and creates missing tables.

use futures_util::StreamExt as _;
use serde_json::{Map, Value};

use super::access::Role;
use super::client::AzureTables;
use super::error::{ReadError, WriteError};
use super::failure::Failure;
use super::model::StoreTable;
use super::quiet::quiet;

impl AzureTables {
    /// The names of those of the nine tables that are not there; it takes no more than the right
    /// to read rows.
    ///
    /// # Errors
    /// [`ReadError`] when a table cannot be queried.
    pub async fn missing_tables(&self) -> Result<Vec<String>, ReadError> {
        let mut missing = Vec::new();
        for table in StoreTable::all() {
            let query = self.client(table).query().top(1);
            let mut pages = query.into_stream::<Map<String, Value>>();
            let Some(Err(error)) = quiet(pages.next()).await else {
                continue;
            };
            let failure = Failure::of(&error);
            if !failure.is("TableNotFound") {
                return Err(self.unread(table, failure));
            }
            missing.push(self.name(table));
        }
        Ok(missing)
    }

    /// Creates those of the nine tables that are missing; returns their names.
    ///
    /// # Errors
    /// [`WriteError`]; some tables may have been created.
    pub async fn create_missing_tables(&self) -> Result<Vec<String>, WriteError> {
        let mut made = Vec::new();
        for table in StoreTable::all() {
            let answer = quiet(self.client(table).create().into_future()).await;
            match answer.map_err(|error| Failure::of(&error)) {
                Ok(_) => made.push(self.name(table)),
                Err(failure) if failure.is("TableAlreadyExists") => {}
                Err(failure) => {
                    return Err(self.access_error(table, Role::Creator, failure).into());
                }
            }
        }
        Ok(made)
    }
}
