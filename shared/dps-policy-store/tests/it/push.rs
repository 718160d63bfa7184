//! Putting a version of the tables into a real Azurite, with other writers and faults on the way.

mod editors;
mod faults;
pub(crate) mod harness;
pub(crate) mod interrupted;
mod refused;
mod report;
mod rows;
mod spelling;
mod states;
mod sweep;
