//! Comparisons in expressions with names that tables list.

use crate::expression::Comparison;
use crate::schema::Column;
use crate::tables::CanonicalRow;

/// A comparison, and the cell that it stands in.
#[derive(Debug)]
pub(super) struct Compared<'c> {
    pub(super) row: CanonicalRow<'c>,
    pub(super) column: Column,
    pub(super) comparison: Comparison,
}
