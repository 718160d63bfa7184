//! Scenario files: what an operator expects of a policy, as TOML beside its tables.
//!
//! A case is one registration and the expected decision. A fleet is many devices that register
//! before and after a date: who moves, how many, and that a second registration moves nobody. Both
//! are decided by the webhook's own code, from requests in the form that DPS sends.

mod certificate;
mod device;
mod expect;
mod fault;
mod fleet;
mod hubs;
mod ids;
mod model;
mod names;
mod read;
mod read_file;
mod request;
mod run;
mod section;
mod subset;
mod suite;

use dps_allocation::Policy;
use dps_allocation::tables::Tables;

use names::Names;

pub use read_file::ReadFile;
pub use suite::{Entry, Kind, Outcome, Suite};

/// The policy that scenarios are about.
#[derive(Debug)]
pub struct Subject<'p> {
    policy: &'p Policy,
    names: Names,
}

impl<'p> Subject<'p> {
    /// A policy, and the tables that it was read from.
    #[must_use]
    pub fn new(policy: &'p Policy, tables: &Tables) -> Self {
        Self {
            policy,
            names: Names::of(tables),
        }
    }

    /// Reads a scenario file and decides each of its cases and fleets.
    ///
    /// `file` is the name for reports. What cannot be read is an entry of its own.
    #[must_use]
    pub fn test(&self, file: &str, text: &str, read_file: &ReadFile<'_>) -> Suite {
        let entries = match read::read(text, &self.names) {
            Ok(items) => run::run(&items, self.policy, &self.names, read_file),
            Err(faults) => vec![Entry::of_file(&faults)],
        };
        Suite {
            file: file.to_owned(),
            entries,
        }
    }
}
