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
pub use columns::column_name;
pub use diff::{CellChange, ChangeKind, RowChange, diff, diff_table};
pub use table::{Row, Table, TableTooLarge, Tables};

/// SHA-256 of what the tables say, comments, notes and `devices` aside.
///
/// A [`crate::Revision`] shows its first 48 bits, for which two contents can be made: where it
/// matters whether two contents are the same, all of it is compared.
#[must_use]
pub fn digest(tables: &Tables) -> [u8; 32] {
    Canonical::read(tables).0.digest()
}
