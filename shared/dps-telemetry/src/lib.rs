//! Traces and metrics of allocations, and their export.
//!
//! [`Telemetry`] is what the webhook holds: nothing where nothing is exported, else queues that are
//! emptied by threads of their own. Requests never wait for an exporter: a full queue drops.

mod allocation;
mod decisions;
mod export;
pub mod fields;
mod grpc;
mod look;
mod metrics;
mod parent;
mod resource;
mod sampler;
mod sender;
mod settings;
mod span;
mod store_call;
mod telemetry;

pub use allocation::{Allocation, Decided, Outcome};
pub use look::{Look, Looked};
pub use metrics::PolicyState;
pub use settings::Settings;
pub use store_call::{Operation, StoreCall};
pub use telemetry::Telemetry;
