//! Where the config tables are.

use std::fmt;

use dps_allocation::Finding;

use crate::azure::{self, AzureTables};
use crate::csv::{CsvFolder, ReadError};
use crate::stored::{Poll, StoredTables};
use crate::unfinished::Unfinished;

/// A folder of CSV files, or the tables of a storage account.
#[derive(Clone, Debug)]
pub enum PolicyStore {
    /// A folder on this machine.
    Csv(CsvFolder),
    /// Azure Tables, or Azurite.
    Azure(AzureTables),
}

/// The tables cannot be read; a mistake in what they say is a [`Finding`] instead.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be read.
    #[error(transparent)]
    Csv(#[from] ReadError),
    /// Azure Tables cannot be read.
    #[error(transparent)]
    Azure(#[from] azure::ReadError),
}

impl StoreError {
    /// Whether tables of Azure are missing.
    #[must_use]
    pub fn is_no_table(&self) -> bool {
        matches!(self, Self::Azure(error) if error.is_no_table())
    }

    /// Whether there is nothing to read: all tables of Azure are missing, or the folder is, or it
    /// holds no table.
    #[must_use]
    pub fn is_nothing_there(&self) -> bool {
        match self {
            Self::Csv(error) => error.is_nothing_there(),
            Self::Azure(error) => error.is_nothing_there(),
        }
    }
}

impl PolicyStore {
    /// The same store for another thread: with its own connections and the same token.
    ///
    /// # Errors
    /// [`azure::ClientError`] when TLS cannot be set up.
    pub fn apart(&self) -> Result<Self, azure::ClientError> {
        Ok(match self {
            Self::Csv(folder) => Self::Csv(folder.clone()),
            Self::Azure(tables) => Self::Azure(tables.reconnected()?),
        })
    }

    /// Reads the state of the tables.
    ///
    /// # Errors
    /// [`StoreError`] when a table cannot be read.
    pub async fn poll(&self) -> Result<Poll, StoreError> {
        Ok(match self {
            Self::Csv(folder) => Poll {
                fingerprint: folder.fingerprint()?,
                push_under_way: false,
            },
            Self::Azure(tables) => tables.poll().await?,
        })
    }

    /// The push that has not finished, if there is one; a folder has none.
    ///
    /// # Errors
    /// [`StoreError`] when the table cannot be read.
    pub async fn push_under_way(&self) -> Result<Option<Unfinished>, StoreError> {
        Ok(match self {
            Self::Csv(_) => None,
            Self::Azure(tables) => tables.pushes().await?.unfinished,
        })
    }

    /// Reads all tables that make up a policy; of a folder `devices` too, and no notes, which
    /// are not used. Revisions hold the notes of tables in Azure.
    ///
    /// While a push is under way the rows are half of one version and half of another; that is a
    /// finding, so that they are not installed.
    ///
    /// # Errors
    /// [`StoreError`] when a table cannot be read.
    pub async fn read(&self) -> Result<StoredTables, StoreError> {
        match self {
            Self::Csv(folder) => Ok(folder.read_rules()?),
            Self::Azure(tables) => {
                let mut stored = tables.read().await?;
                let pushes = tables.pushes().await?;
                let (unfinished, table) = (pushes.unfinished.as_ref(), tables.revisions_table());
                stored.findings.extend(unfinished.map(under_way));
                stored.findings.extend(pushes.warnings(&table));
                stored.push_under_way = pushes.unfinished;
                Ok(stored)
            }
        }
    }
}

impl fmt::Display for PolicyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csv(folder) => folder.fmt(f),
            Self::Azure(tables) => tables.fmt(f),
        }
    }
}

fn under_way(push: &Unfinished) -> Finding {
    let help = "wait for it; if it was interrupted, push or roll back with --resume";
    Finding::outside_tables(push.to_string(), help)
}
