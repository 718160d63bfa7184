//! Runs the staged function app the ways that users run it, for the tests in `tests/it`.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "only tests use it: what fails here is a failed test"
)]

mod collector;
mod load;
mod operator;
mod output;
mod rotel;
mod runtime;
mod secrets;
mod staged;

pub use collector::{Collector, Mood, Span};
pub use load::{Load, Tally};
pub use operator::dps_policy;
pub use rotel::Rotel;
pub use runtime::{Answer, Runtime};
pub use secrets::keep_secret;
pub use staged::{ScriptRoot, fixture};
