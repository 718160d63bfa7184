//! One value for each table.

use std::array;

use strum::VariantArray;

use super::table_name::TableName;

/// One value for each table.
#[derive(Clone, Debug, Default)]
pub(crate) struct PerTable<T>([T; TableName::VARIANTS.len()]);

impl<T> PerTable<T> {
    /// Makes the value of each table, in the order of [`TableName::all`].
    #[expect(clippy::indexing_slicing, reason = "there is a value for each table")]
    pub(crate) fn new(mut value: impl FnMut(TableName) -> T) -> Self {
        Self(array::from_fn(|table| value(TableName::VARIANTS[table])))
    }

    #[expect(clippy::indexing_slicing, reason = "there is a value for each table")]
    pub(crate) fn get(&self, table: TableName) -> &T {
        &self.0[table as usize]
    }

    #[expect(clippy::indexing_slicing, reason = "there is a value for each table")]
    pub(crate) fn get_mut(&mut self, table: TableName) -> &mut T {
        &mut self.0[table as usize]
    }
}
