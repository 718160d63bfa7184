//! Config tables as CSV files.

mod file;
mod folder;

pub use file::RowEdit;
pub use folder::{CsvFolder, EditError, ReadError};
