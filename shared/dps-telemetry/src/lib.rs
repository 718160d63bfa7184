//! Traces and metrics of allocations, and their export.
//!
//! [`Telemetry`] is what the webhook holds: nothing where nothing is exported, else queues that are
//! emptied by a thread of their own. Requests never wait for an exporter: a full queue drops.

mod allocation;
mod collection;
mod decisions;
mod durations;
mod export;
pub mod fields;
mod grpc;
mod look;
mod metrics;
mod pace;
mod parent;
mod progress;
mod resource;
mod sampler;
mod sender;
mod settings;
mod span;
mod spans;
mod store_call;
mod telemetry;

pub use allocation::{Allocation, Decided, Outcome};
pub use look::{Look, Looked};
pub use metrics::{Guarded, PolicyState};
pub use settings::{Destinations, Settings};
pub use store_call::{Operation, StoreCall};
pub use telemetry::Telemetry;
