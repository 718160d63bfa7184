//! Which hub a device gets.

mod outcome;
mod request;
mod retry;
mod spread;

pub(crate) use outcome::{Choice, Outcome, outcome};
pub(crate) use request::{Asked, Enrolled, request};
pub(crate) use retry::waits;
pub(crate) use spread::{lowest_latency, weighted};
