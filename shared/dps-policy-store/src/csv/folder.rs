//! A folder with one CSV file per config table.

mod edit;
mod error;
mod files;
mod found;
mod read;

pub use error::{EditError, ReadError};
pub use files::CsvFolder;
