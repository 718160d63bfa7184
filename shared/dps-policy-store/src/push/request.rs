//! What is to be pushed.

use dps_allocation::Revision;
use dps_allocation::tables::Tables;

use crate::revisions::Report;

/// What is written into the tables, by whom, and why.
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
    /// What was predicted, which is kept with the revision; a push that goes on where one of the same
    /// revision was interrupted keeps what that one has predicted.
    pub report: Option<&'a Report>,
    /// Whether to go on where another push has not finished.
    pub resume: bool,
}
