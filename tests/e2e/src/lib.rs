//! Runs the webhook the ways that users run it, for the tests in `tests/it`.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "only tests use it: what fails here is a failed test"
)]

mod cloud;
mod collector;
mod front;
mod function_url;
mod keys;
mod lambda;
mod load;
mod operator;
mod output;
mod reply;
mod rotel;
mod runtime;
mod secrets;
mod staged;

pub use cloud::{AwsMood, CLIENT_SECRET, Cloud, Identity};
pub use collector::{Collector, Mood, Span};
pub use front::{Call, Front};
pub use function_url::FunctionUrl;
pub use keys::keys_of;
pub use lambda::Lambda;
pub use load::{Load, Tally};
pub use operator::{doctor, dps_policy, dps_policy_output};
pub use reply::Reply;
pub use rotel::Rotel;
pub use runtime::{Answer, Runtime};
pub use secrets::keep_secret;
pub use staged::{ScriptRoot, lambda_event};
pub use support::{CAPTURED, fixture};
