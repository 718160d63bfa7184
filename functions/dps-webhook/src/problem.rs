//! Answers other than 200.

mod log;
mod model;
mod respond;

pub(crate) use model::{Problem, row_errors};
pub(crate) use respond::Reported;
