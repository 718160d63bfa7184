//! The config tables: as an operator wrote them, and in canonical form.
//!
//! A store fills [`Tables`] from CSV files or from Azure Tables; [`crate::Policy`] gives them
//! their meaning.

mod canonical;
mod cell;
mod columns;
mod diff;
mod json;
mod table;

pub use crate::schema::{Column, Kind, TableName};
pub use canonical::{Canonical, CanonicalRow};
pub(crate) use cell::items;
pub use columns::{column_name, is_ignored};
pub use diff::{CellChange, ChangeKind, RowChange, diff, diff_table};
pub use table::{Row, Table, TableTooLarge, Tables};
