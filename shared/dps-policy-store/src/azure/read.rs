//! Reading: a poll for changes, and all rows of a policy.

mod fill;
mod pages;
mod versions;

use std::slice;
use std::time::Duration;

use dps_allocation::Finding;
use dps_allocation::tables::{Table, TableName, Tables};
use futures_util::future::{join, join_all};

use super::access::{AccessError, AccessFault, Role};
use super::client::AzureTables;
use super::device_key::finding;
use super::error::ReadError;
use super::failure::Failure;
use super::model::{KeyPart, StoreTable, StoredRow};
use crate::budget::{Budget, Limits, OverBudget};
use crate::stored::{Poll, StoredTables};
use crate::unfinished::{PUSHES, Pushes};

pub(super) use fill::fill;
pub(super) use pages::Columns;
use versions::{Versions, fingerprint};

/// For all tables together, in case the service answers empty pages for ever; 50,000 rows took Azurite
/// 1.1 s. A page that does not come ends sooner, and one that comes slowly is waited for.
const READ_LIMIT: Duration = Duration::from_mins(10);

impl AzureTables {
    /// The state of the rows as they are now, by keys and versions of the seven policy tables, and
    /// by pushes that are under way.
    ///
    /// It costs one transaction per table and one for the pushes, 46,080 a day at one poll every
    /// 15 s; each further 1,000 rows of a table add 5,760 a day.
    ///
    /// # Errors
    /// [`ReadError`], even if only one page is missing.
    pub async fn poll(&self) -> Result<Poll, ReadError> {
        let versions = StoreTable::policy().map(|name| self.versions(name));
        let (versions, pushes) = self.policy_tables(versions).await?;
        Ok(Poll {
            fingerprint: fingerprint(versions, &pushes),
            push_under_way: Pushes::of(pushes).unfinished.is_some(),
        })
    }

    /// Reads all policy tables; devices are not among them.
    ///
    /// # Errors
    /// [`ReadError`], even if only one page is missing; [`ReadError::TooLarge`] as soon as the
    /// tables are beyond the limits.
    pub async fn read(&self) -> Result<StoredTables, ReadError> {
        self.read_within(Limits::default()).await
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// As [`AzureTables::read`].
    pub async fn read_within(&self, limits: Limits) -> Result<StoredTables, ReadError> {
        let budget = Budget::new(limits);
        let loaded = StoreTable::policy().map(|name| self.load(name, &budget));
        let (loaded, pushes) = self.policy_tables(loaded).await?;
        let (mut tables, mut versions) = (Tables::default(), Vec::new());
        for (name, (table, of_table)) in loaded {
            *tables.table_mut(name) = table;
            versions.push((name, of_table));
        }
        Ok(StoredTables {
            tables,
            findings: Vec::new(),
            fingerprint: fingerprint(versions, &pushes),
            push_under_way: None,
        })
    }

    /// Adds all rows of `devices`, of which there may be a million; returns what is wrong with
    /// their keys.
    ///
    /// # Errors
    /// [`ReadError`], even if only one page is missing.
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
        filled.map_err(|cause| self.too_large(cause.into()))
    }

    /// All rows of a table, by partition and row key.
    ///
    /// # Errors
    /// [`ReadError`], even if only one page is missing.
    pub async fn rows(&self, table: StoreTable) -> Result<Vec<StoredRow>, ReadError> {
        let rows = self.scan(table, None, Columns::All).await;
        rows.map_err(|failure| self.unread(table, failure))
    }

    /// The rows of a partition, by row key.
    ///
    /// # Errors
    /// [`ReadError`], even if only one page is missing.
    pub async fn partition(
        &self,
        table: StoreTable,
        partition: &KeyPart,
    ) -> Result<Vec<StoredRow>, ReadError> {
        let filter = partition.partition_filter();
        let rows = self.scan(table, Some(filter), Columns::All).await;
        rows.map_err(|failure| self.unread(table, failure))
    }

    /// Pushes that are under way; none before the first push.
    pub(crate) async fn pushes(&self) -> Result<Pushes, ReadError> {
        let rows = self.scan_pushes().await;
        let rows = rows.map_err(|failure| self.unread(StoreTable::Revisions, failure));
        Ok(Pushes::of(rows?))
    }

    /// Keys and versions, of as many rows as may be read.
    async fn versions(&self, name: TableName) -> Result<Versions, Failure> {
        let max = Limits::default().rows;
        let (mut versions, mut rows) = (Versions::default(), 0);
        let table = StoreTable::Config(name);
        let pages = self.each_page(table, None, Columns::Keys, |page| {
            versions.add(&page);
            rows += page.len();
            if rows > max {
                return Err(OverBudget::Rows(max).into());
            }
            Ok(())
        });
        match pages.await {
            // Reading them reports it.
            Err(Failure::OverBudget(_)) => versions.is_cut = true,
            read => read?,
        }
        Ok(versions)
    }

    /// All rows, as far as the budget goes, and what tells their state from any other.
    async fn load(&self, name: TableName, budget: &Budget) -> Result<(Table, Versions), Failure> {
        let (mut table, mut versions) = (Table::default(), Versions::default());
        let pages = self.each_page(StoreTable::Config(name), None, Columns::All, |page| {
            versions.add(&page);
            for row in &page {
                let keys = [row.key.partition.as_str(), row.key.row.as_str()];
                let cells = row.cells.iter().map(|(_, text)| text.as_str());
                budget.row(keys.into_iter().chain(cells))?;
                fill(name, &mut table, slice::from_ref(row)).map_err(OverBudget::from)?;
                budget.columns(name, table.columns().count())?;
            }
            Ok(())
        });
        pages.await?;
        Ok((table, versions))
    }

    /// Waits for what is read of each policy table, and reads the pushes, all at the same time; returns
    /// both.
    async fn policy_tables<T>(
        &self,
        tables: impl IntoIterator<Item = impl Future<Output = Result<T, Failure>>>,
    ) -> Result<(Vec<(TableName, T)>, Vec<StoredRow>), ReadError> {
        let tables = join_all(tables);
        let read = join(tables, self.scan_pushes());
        let (tables, pushes) = self.within(READ_LIMIT, read).await?;
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for (name, read) in StoreTable::policy().zip(tables) {
            let table = StoreTable::Config(name);
            match read {
                Ok(read) => found.push((name, read)),
                Err(failure) if failure.is("TableNotFound") => missing.push(self.name(table)),
                Err(failure) => return Err(self.unread(table, failure)),
            }
        }
        if !missing.is_empty() {
            let fault = if found.is_empty() {
                AccessFault::NoTables
            } else {
                AccessFault::NoTable
            };
            return Err(AccessError::no_table(fault, &self.account(), &missing).into());
        }
        let pushes = pushes.map_err(|failure| self.unread(StoreTable::Revisions, failure))?;
        Ok((found, pushes))
    }

    /// The rows of pushes; none before the first push.
    async fn scan_pushes(&self) -> Result<Vec<StoredRow>, Failure> {
        let filter = KeyPart::unchecked(PUSHES).partition_filter();
        let rows = self
            .scan(StoreTable::Revisions, Some(filter), Columns::OfPush)
            .await;
        match rows {
            Err(failure) if failure.is("TableNotFound") => Ok(Vec::new()),
            rows => rows,
        }
    }

    /// All rows of the pages, by partition and row key.
    pub(super) async fn scan(
        &self,
        table: StoreTable,
        filter: Option<String>,
        columns: Columns,
    ) -> Result<Vec<StoredRow>, Failure> {
        let mut rows = Vec::new();
        let pages = self.each_page(table, filter, columns, |page| {
            rows.extend(page);
            Ok(())
        });
        pages.await?;
        rows.sort_unstable_by(|a: &StoredRow, b| a.key.cmp(&b.key));
        Ok(rows)
    }

    pub(super) fn unread(&self, table: StoreTable, failure: Failure) -> ReadError {
        if let Failure::OverBudget(cause) = failure {
            return self.too_large(cause);
        }
        self.access_error(table, Role::Reader, failure).into()
    }

    /// Waits for a read, for at most `limit`.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        read: impl Future<Output = T>,
    ) -> Result<T, ReadError> {
        let read = tokio::time::timeout(limit, read).await;
        read.map_err(|_elapsed| ReadError::TooSlow {
            store: self.account(),
            limit,
        })
    }

    fn too_large(&self, cause: OverBudget) -> ReadError {
        ReadError::TooLarge {
            store: self.account(),
            cause,
        }
    }
}
