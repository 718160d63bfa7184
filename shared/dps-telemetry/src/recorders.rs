//! What the webhook records: requests to allocate, and polls of the config tables.

mod allocation;
mod poll;
mod store_call;

pub use allocation::{Allocation, Decided};
pub use poll::PollRecorder;
