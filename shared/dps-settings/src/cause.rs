//! Errors in one sentence.

use std::error::Error;
use std::iter;

/// The innermost cause: outer ones only say that there is one.
#[must_use]
pub fn root_cause(error: &(dyn Error + 'static)) -> String {
    let causes = iter::successors(Some(error), |&it| it.source());
    causes.last().unwrap_or(error).to_string()
}
