//! Reading: a look at what has changed, and all rows of a policy.

use std::time::Duration;

use dps_allocation::Finding;
use dps_allocation::tables::{Column, Table, TableName, TableTooLarge, Tables, column_name};
use futures_util::StreamExt as _;
use futures_util::future::{join, join_all};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::access::{AccessError, Role};
use super::device_key::finding;
use super::error::ReadError;
use super::failure::Failure;
use super::key::KeyPart;
use super::names::StoreTable;
use super::stored::StoredRow;
use super::{AzureTables, quiet};
use crate::fingerprint::FingerprintBuilder;
use crate::push::Pushes;
use crate::{Fingerprint, Seen, StoredTables};

/// For all tables together, should the service give empty pages for ever; 50,000 rows took Azurite
/// 1.1 s. A page that does not come ends sooner, and one that comes slowly is waited for.
const LOOK_LIMIT: Duration = Duration::from_mins(10);

/// The partition of the revisions table with the pushes that are under way.
const PUSHES: &str = "push";

/// Which columns are asked for.
#[derive(Clone, Copy)]
pub(super) enum Columns {
    All,
    /// The keys; the etag comes with them.
    Keys,
    /// What tells the marker of a push from other rows of its partition.
    OfPush,
}

/// What a look has found: the policy tables in order, and the pushes.
struct Look {
    tables: Vec<(TableName, Vec<StoredRow>)>,
    pushes: Vec<StoredRow>,
}

impl AzureTables {
    /// The fingerprint of the rows as they are now: keys and versions of the seven policy tables,
    /// and pushes that are under way.
    ///
    /// It costs one transaction a table and one for the pushes, 46,080 a day at one look every
    /// 15 s; each further 1,000 rows of a table add 5,760 a day.
    ///
    /// # Errors
    /// [`ReadError`], also when a single page is missing.
    pub async fn fingerprint(&self) -> Result<Fingerprint, ReadError> {
        Ok(self.seen().await?.fingerprint)
    }

    /// The fingerprint, and whether a push is among what it is of.
    pub(crate) async fn seen(&self) -> Result<Seen, ReadError> {
        let look = self.look(Columns::Keys).await?;
        Ok(Seen {
            fingerprint: look.fingerprint(),
            push_under_way: Pushes::of(&look.pushes).unfinished.is_some(),
        })
    }

    /// Reads all policy tables; devices are not among them.
    ///
    /// # Errors
    /// [`ReadError`], also when a single page is missing.
    pub async fn read(&self) -> Result<StoredTables, ReadError> {
        let look = self.look(Columns::All).await?;
        let fingerprint = look.fingerprint();
        let mut tables = Tables::default();
        for (name, rows) in look.tables {
            self.fill(&mut tables, name, &rows)?;
        }
        Ok(StoredTables {
            tables,
            findings: Vec::new(),
            fingerprint,
            push_under_way: None,
        })
    }

    /// Adds all rows of `devices`, of which there may be a million; answers what is wrong with
    /// their keys.
    ///
    /// # Errors
    /// [`ReadError`], also when a single page is missing.
    pub async fn add_devices(&self, tables: &mut Tables) -> Result<Vec<Finding>, ReadError> {
        let rows = self.rows(StoreTable::Config(TableName::Devices)).await?;
        self.fill(tables, TableName::Devices, &rows)?;
        Ok(rows.iter().filter_map(|row| finding(&row.key)).collect())
    }

    /// Puts rows of a table that were read into `tables`.
    pub(crate) fn fill(
        &self,
        tables: &mut Tables,
        name: TableName,
        rows: &[StoredRow],
    ) -> Result<(), ReadError> {
        let filled = fill(name, tables.table_mut(name), rows);
        filled.map_err(|cause| self.too_large(cause))
    }

    /// All rows of a table, by partition and row key.
    ///
    /// # Errors
    /// [`ReadError`], also when a single page is missing.
    pub async fn rows(&self, table: StoreTable) -> Result<Vec<StoredRow>, ReadError> {
        let rows = self.scan(table, None, Columns::All).await;
        rows.map_err(|failure| self.unread(table, failure))
    }

    /// The rows of a partition, by row key.
    ///
    /// # Errors
    /// [`ReadError`], also when a single page is missing.
    pub async fn partition(
        &self,
        table: StoreTable,
        partition: &KeyPart,
    ) -> Result<Vec<StoredRow>, ReadError> {
        let filter = partition.partition_filter();
        let rows = self.scan(table, Some(filter), Columns::All).await;
        rows.map_err(|failure| self.unread(table, failure))
    }

    /// Pushes that are under way; none where nobody has pushed yet.
    pub(crate) async fn pushes(&self) -> Result<Vec<StoredRow>, ReadError> {
        let rows = self.scan_pushes().await;
        rows.map_err(|failure| self.unread(StoreTable::Revisions, failure))
    }

    async fn look(&self, columns: Columns) -> Result<Look, ReadError> {
        let scan = async |name| {
            let table = StoreTable::Config(name);
            (name, self.scan(table, None, columns).await)
        };
        let tables = join_all(StoreTable::policy().map(scan));
        let look = join(tables, self.scan_pushes());
        let look = tokio::time::timeout(LOOK_LIMIT, look).await;
        let (tables, pushes) = look.map_err(|_elapsed| ReadError::TooSlow {
            store: self.0.connection.to_string(),
            limit: LOOK_LIMIT,
        })?;
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for (name, rows) in tables {
            let table = StoreTable::Config(name);
            match rows {
                Ok(rows) => found.push((name, rows)),
                Err(failure) if failure.is("TableNotFound") => missing.push(self.name(table)),
                Err(failure) => return Err(self.unread(table, failure)),
            }
        }
        if !missing.is_empty() {
            return Err(self.no_tables(missing));
        }
        let pushes = pushes.map_err(|failure| self.unread(StoreTable::Revisions, failure))?;
        Ok(Look {
            tables: found,
            pushes,
        })
    }

    async fn scan_pushes(&self) -> Result<Vec<StoredRow>, Failure> {
        let filter = KeyPart::stored(PUSHES.to_owned()).partition_filter();
        let rows = self
            .scan(StoreTable::Revisions, Some(filter), Columns::OfPush)
            .await;
        match rows {
            Err(failure) if failure.is("TableNotFound") => Ok(Vec::new()),
            rows => rows,
        }
    }

    /// All pages: Azure ends one after 1,000 rows, 5 s or at the border of a partition's server,
    /// and may give an empty one that is not the last.
    pub(super) async fn scan(
        &self,
        table: StoreTable,
        filter: Option<String>,
        columns: Columns,
    ) -> Result<Vec<StoredRow>, Failure> {
        let mut query = self.client(table).query();
        if let Some(filter) = filter {
            query = query.filter(filter);
        }
        query = match columns {
            Columns::All => query,
            Columns::Keys => query.select("PartitionKey,RowKey"),
            Columns::OfPush => {
                query.select("PartitionKey,RowKey,Timestamp,revision,identity,author,before")
            }
        };
        let mut pages = query.into_stream::<Map<String, Value>>();
        let mut rows = Vec::new();
        while let Some(page) = quiet(pages.next()).await {
            let page = page.map_err(|error| Failure::of(&error))?;
            for entity in page.entities {
                let row = StoredRow::from_json(entity, None);
                let keyless = || Failure::Unreadable("a row without a key or an etag".to_owned());
                rows.push(row.ok_or_else(keyless)?);
            }
        }
        rows.sort_unstable_by(|a: &StoredRow, b| a.key.cmp(&b.key));
        Ok(rows)
    }

    pub(super) fn unread(&self, table: StoreTable, failure: Failure) -> ReadError {
        if failure.is("TableNotFound") {
            return self.no_tables(vec![self.name(table)]);
        }
        ReadError::Access(AccessError::new(self, table, Role::Reader, failure))
    }

    fn no_tables(&self, tables: Vec<String>) -> ReadError {
        ReadError::NoTables {
            store: self.0.connection.to_string(),
            tables,
        }
    }

    fn too_large(&self, cause: TableTooLarge) -> ReadError {
        ReadError::TooLarge {
            store: self.0.connection.to_string(),
            cause,
        }
    }
}

impl Look {
    fn fingerprint(&self) -> Fingerprint {
        let mut fingerprint = FingerprintBuilder::default();
        for (name, rows) in &self.tables {
            fingerprint.add(name.as_str(), Some(digest(rows)));
        }
        fingerprint.add(PUSHES, Some(digest(&self.pushes)));
        fingerprint.finish()
    }
}

/// Over keys and versions; length first, so that no two sequences give the same bytes.
fn digest(rows: &[StoredRow]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for row in rows {
        for text in [
            row.key.partition.as_str(),
            row.key.row.as_str(),
            &row.etag.0,
        ] {
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        }
    }
    digest.finalize().into()
}

/// Rows of one table may spell a column differently (`Weight`, `weight`): it is one column then.
pub(super) fn fill(
    name: TableName,
    table: &mut Table,
    rows: &[StoredRow],
) -> Result<(), TableTooLarge> {
    let partition = table.column(Column::PartitionKey.as_str());
    let key = table.column(Column::RowKey.as_str());
    for row in rows {
        let mut cells = vec![
            (partition, row.key.partition.as_str()),
            (key, row.key.row.as_str()),
        ];
        let named = row.cells.iter().map(|(written, text)| {
            let name = column_name(name, written).unwrap_or(written);
            (name, written, text)
        });
        let mut named: Vec<_> = named.collect();
        // Of two spellings in one row the documented one counts; the other is a finding.
        named.sort_by_key(|(name, written, _)| name != written);
        for (name, written, text) in named {
            let mut column = table.column(name);
            if cells.iter().any(|(used, _)| *used == column) {
                column = table.column(written);
            }
            cells.push((column, text));
        }
        table.push(0, cells)?;
    }
    Ok(())
}
