//! The tables in canonical form.
//!
//! Two sets of tables with the same meaning have the same canonical form, and so the same revision.

mod read;
mod rows;

pub use rows::{Canonical, CanonicalRow};
