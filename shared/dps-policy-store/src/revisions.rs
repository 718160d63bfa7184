//! Accepted policies, each stored once under its revision, in the `Revisions` table.
//!
//! Texts are inserted and never replaced, so that any instance can store a policy without asking
//! the others:
//!
//! | `PartitionKey` | `RowKey` | what |
//! |--|--|--|
//! | `text-REVISION` | `CHECKSUM-0000`, .. | the tables as text, in pieces |
//! | `revision` | `REVISION` | written last: the checksum of the text, which tells its pieces; `attempt` until the push that writes it has finished |
//! | `report-REVISION` | `CHECKSUM` | what was predicted of a push of the revision |
//! | `pushed` | `TIME-REVISION` | who pushed the revision, and why; `report`: the checksum of what was predicted |
//!
//! Revision and checksum have all their 64 digits. Older versions wrote 12 and 16 of them. Such rows
//! are still read, and their content decides which revision they are.

mod error;
mod find;
mod head;
mod history;
mod report;
mod rows;
mod store;
mod text;
mod usable;

pub use error::RevisionError;
pub use head::StoredRevision;
pub use history::{PushNote, RevisionEntry};
pub use report::{Report, ReportTooLong};
pub use rows::Revisions;
