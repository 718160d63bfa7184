//! The proxy before a toy server and before a real Azurite, and the process of Azurite.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test may fail it"
)]

mod client;
mod faults;
mod process;
mod real;
mod toy;
