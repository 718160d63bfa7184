//! The pages of a table.

use futures_util::StreamExt as _;
use serde_json::{Map, Value};

use crate::azure::client::AzureTables;
use crate::azure::failure::Failure;
use crate::azure::model::{StoreTable, StoredRow};
use crate::azure::quiet::quiet;

/// Which columns are asked for.
#[derive(Clone, Copy)]
pub(crate) enum Columns {
    All,
    /// The keys; the etag comes with them.
    Keys,
    /// What identifies the marker of a push in its partition.
    OfPush,
}

impl AzureTables {
    /// All pages, one after the other: Azure ends one after 1,000 rows, 5 s or at the border of a
    /// partition's server, and may give an empty one that is not the last.
    pub(super) async fn each_page(
        &self,
        table: StoreTable,
        filter: Option<String>,
        columns: Columns,
        mut each: impl FnMut(Vec<StoredRow>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut query = self.client(table).query();
        if let Some(filter) = filter {
            query = query.filter(filter);
        }
        query = match columns {
            Columns::All => query,
            Columns::Keys => query.select("PartitionKey,RowKey"),
            Columns::OfPush => query.select(
                "PartitionKey,RowKey,Timestamp,revision,identity,author,before,reason,report",
            ),
        };
        let mut pages = query.into_stream::<Map<String, Value>>();
        while let Some(page) = quiet(pages.next()).await {
            let page = page.map_err(|error| Failure::of(&error))?;
            let keyless = || Failure::Unreadable("a row without a key or an etag".to_owned());
            let row = |entity| StoredRow::from_json(entity, None).ok_or_else(keyless);
            let rows: Result<_, _> = page.entities.into_iter().map(row).collect();
            each(rows?)?;
        }
        Ok(())
    }
}
