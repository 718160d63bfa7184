//! Where changes are kept: a file that survives a crash, or nowhere.
//!
//! One thread writes. It takes all changes that wait into one transaction, so that many devices share the cost of
//! one flush to disk.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use tokio::sync::oneshot;

const RECORDS: TableDefinition<'static, (&str, &str), &[u8]> = TableDefinition::new("records");

/// How many changes one transaction takes at most: what a crash can cost a device is to ask again.
const TOGETHER: usize = 512;

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("cannot open it: {0}")]
    Open(#[from] io::Error),
    #[error("cannot read it: {0}")]
    Database(#[from] redb::Error),
}

/// A change did not reach the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot be written")]
pub(crate) struct NotStored;

/// One record, written or removed.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) table: &'static str,
    pub(crate) key: String,
    /// None removes it.
    pub(crate) value: Option<Vec<u8>>,
}

/// A record as it was stored.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) table: String,
    pub(crate) key: String,
    pub(crate) value: Vec<u8>,
}

/// Changes that are kept together or not at all.
#[derive(Debug)]
pub(crate) struct Batch {
    changes: Vec<Change>,
    done: oneshot::Sender<()>,
}

/// Writes changes in the order in which they are given.
#[derive(Debug)]
pub(crate) enum Store {
    /// Keeps nothing.
    Ephemeral,
    File(Sender<Batch>),
}

impl Store {
    /// Opens or creates the file, which only its owner may read, as it holds keys; and what is in it.
    pub(crate) fn open(path: &Path) -> Result<(Self, Vec<Stored>), StoreError> {
        if let Some(folder) = path.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        let backend = FileBackend::new(file).map_err(redb::Error::from)?;
        let database = Database::builder()
            .create_with_backend(backend)
            .map_err(redb::Error::from)?;
        let stored = read(&database)?;
        let (sender, receiver) = mpsc::channel();
        thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || keep(&database, &receiver))?;
        Ok((Self::File(sender), stored))
    }

    /// Hands changes over; they are on disk when the receipt says so.
    pub(crate) fn write(&self, changes: Vec<Change>) -> Receipt {
        let Self::File(sender) = self else {
            return Receipt(None);
        };
        if changes.is_empty() {
            return Receipt(None);
        }
        let (done, receipt) = oneshot::channel();
        // Without the thread there is nobody who keeps the promise, and the receipt says so.
        drop(sender.send(Batch { changes, done }));
        Receipt(Some(receipt))
    }
}

/// Says when changes are on disk.
#[derive(Debug)]
#[must_use]
pub(crate) struct Receipt(Option<oneshot::Receiver<()>>);

impl Receipt {
    pub(crate) async fn stored(self) -> Result<(), NotStored> {
        match self.0 {
            None => Ok(()),
            Some(receipt) => receipt.await.ok().ok_or(NotStored),
        }
    }
}

fn read(database: &Database) -> Result<Vec<Stored>, redb::Error> {
    let writing = database.begin_write()?;
    drop(writing.open_table(RECORDS)?);
    writing.commit()?;
    let table = database.begin_read()?.open_table(RECORDS)?;
    let mut stored = Vec::new();
    for entry in table.iter()? {
        let (key, value) = entry?;
        let (table, key) = key.value();
        stored.push(Stored {
            table: table.to_owned(),
            key: key.to_owned(),
            value: value.value().to_vec(),
        });
    }
    Ok(stored)
}

/// Ends with the last sender, or with the first change that cannot be written.
fn keep(database: &Database, receiver: &Receiver<Batch>) {
    while let Ok(first) = receiver.recv() {
        let waiting = receiver.try_iter().take(TOGETHER);
        let batches: Vec<Batch> = [first].into_iter().chain(waiting).collect();
        if write(database, &batches).is_err() {
            return;
        }
        for batch in batches {
            // Whoever has gone does not wait for it.
            let _ = batch.done.send(());
        }
    }
}

fn write(database: &Database, batches: &[Batch]) -> Result<(), redb::Error> {
    let writing = database.begin_write()?;
    {
        let mut table = writing.open_table(RECORDS)?;
        for change in batches.iter().flat_map(|batch| &batch.changes) {
            let key = (change.table, change.key.as_str());
            match &change.value {
                Some(value) => drop(table.insert(key, value.as_slice())?),
                None => drop(table.remove(key)?),
            }
        }
    }
    writing.commit()?;
    Ok(())
}
