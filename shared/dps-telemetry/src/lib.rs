//! Traces and metrics of allocations, and their export with the SDK of OpenTelemetry.
//!
//! [`Telemetry`] is what the webhook holds. It does nothing if nothing is exported. Otherwise
//! spans and metrics are sent by threads of their own: no request waits for an exporter, and spans
//! that find no room in the queue are dropped and counted.
//!
//! Modules depend one way: words, instruments, pipeline, recorders, [`Telemetry`].

mod fields;
mod instruments;
mod pipeline;
mod recorders;
mod sampler;
mod settings;
mod telemetry;
mod words;

pub use instruments::PolicyState;
pub use pipeline::{Delivery, Outage, Problem};
pub use recorders::{Allocation, Decided, PollRecorder};
pub use settings::{Destinations, Settings};
pub use telemetry::Telemetry;
pub use words::{Guarded, Operation, Outcome, PollOutcome};
