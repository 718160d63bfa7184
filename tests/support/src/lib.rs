//! What tests of several crates share: the captured requests, and config tables in Azurite.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "only tests use it: what fails here is a failed test"
)]

mod account;
mod captured;
mod rows;

pub use account::Account;
pub use captured::{CAPTURED, Expected, expected, fixture};
pub use rows::{edit, find, insert, key, row, write};
