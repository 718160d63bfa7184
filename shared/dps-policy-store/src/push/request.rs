//! What is to be pushed.

use dps_allocation::Revision;
use dps_allocation::tables::Tables;

/// What is put into the tables, by whom, and why.
#[derive(Clone, Copy, Debug)]
pub struct Push<'a> {
    /// The revision of `tables`.
    pub revision: Revision,
    /// A policy without errors.
    pub tables: &'a Tables,
    /// What the history shows as a claim, beside the identity of the token.
    pub author: &'a str,
    /// Why the tables change.
    pub reason: &'a str,
    /// Go on where another push has not finished.
    pub resume: bool,
}
