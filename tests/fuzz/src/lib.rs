//! What the fuzzers run: one function a kind of input that somebody outside may choose.
//!
//! Each takes any bytes, and fails by a panic: when the code under test panics, when two answers
//! that must agree do not, or when one input takes more memory than its bound says.

#![expect(
    clippy::missing_panics_doc,
    reason = "a panic is how a target fails, as said above"
)]

mod case;
mod certificate;
mod csv_file;
mod expression;
mod log;
mod request;
mod tables;

pub use certificate::certificate;
pub use expression::expression;
pub use log::log;
pub use request::request;
pub use tables::tables;

/// The longest body that the webhook reads, and the longest input of every target, in bytes.
pub const MAX_INPUT: usize = 256 * 1024;

const MIB: u64 = 1024 * 1024;

/// Runs `work`; it may hold that many MiB of heap at once.
#[expect(clippy::panic, reason = "the finding of a fuzzer")]
fn most_heap<T>(mib: u64, work: impl FnOnce() -> T) -> T {
    let mut result = None;
    let taken = allocation_counter::measure(|| result = Some(work()));
    let (most, kib) = (mib * MIB, taken.bytes_max / 1024);
    assert!(
        taken.bytes_max <= most,
        "{kib} KiB of heap at once, {mib} MiB are allowed"
    );
    let Some(result) = result else {
        panic!("`measure` runs its argument");
    };
    result
}
