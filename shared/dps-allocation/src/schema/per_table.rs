//! One value for each table.

use super::table_name::TableName;

/// One value for each table.
#[derive(Clone, Debug, Default)]
pub(crate) struct PerTable<T>([T; TableName::ALL.len()]);

impl<T> PerTable<T> {
    /// Makes the value of each table, in the order of [`TableName::ALL`].
    pub(crate) fn new(value: impl FnMut(TableName) -> T) -> Self {
        Self(TableName::ALL.map(value))
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
