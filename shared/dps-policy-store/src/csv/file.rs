//! One CSV file: text into rows of a table, with the line that each row stands on.
//!
//! RFC 4180, and what spreadsheets and people make of it: a byte order mark, CRLF or CR, blank
//! lines, lines that begin with `#`, a first line `sep=,`, empty cells at the end of rows.

mod edit;
mod read;
mod records;
mod write;

pub use edit::RowEdit;
pub(crate) use edit::edit;
pub(crate) use read::{FileError, Notes, read};
pub(crate) use write::write;
