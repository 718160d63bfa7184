//! Rows and their keys, changes of them, and what the tables are called.

mod batch;
mod key;
mod names;
mod row;
mod stored;

pub use batch::{Batch, Change};
pub use key::{Key, KeyPart, WrongKey};
pub use names::{StoreTable, TablePrefix, WrongPrefix};
pub use row::{Row, RowError};
pub use stored::{ETag, StoredRow};
