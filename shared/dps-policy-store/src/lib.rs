//! The config tables where operators keep them: read as a whole, and watched for edits.
//!
//! [`CsvFolder`] reads a folder of CSV files, one file per table; [`azure`] reads Azure Tables and
//! writes them. [`Refresh`] decides when an edit is finished and is installed; it has no clock and
//! no threads.

mod archive;
pub mod azure;
mod budget;
mod csv;
mod files;
mod fingerprint;
mod last_good;
pub mod push;
mod pushed_by;
mod refresh;
mod report_key;
mod revisions;
mod settings;
mod store;
mod stored;
mod unfinished;

pub use self::csv::{CsvFolder, EditError, ReadError, RowEdit};
pub use budget::{Limits, OverBudget};
pub use files::{write_file, write_named_file};
pub use fingerprint::Fingerprint;
pub use last_good::{LastGood, LastGoodError};
pub use pushed_by::PushedBy;
pub use refresh::{Next, Refresh};
pub use report_key::ReportKey;
pub use revisions::{PushNote, Report, ReportTooLong, RevisionEntry};
pub use revisions::{RevisionError, Revisions, StoredRevision};
pub use settings::StoreSettings;
pub use store::{PolicyStore, StoreError};
pub use stored::{Poll, StoredTables};
