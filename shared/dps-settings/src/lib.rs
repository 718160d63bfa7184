//! Settings: one view of the environment for everybody who reads a part of it.
//!
//! Each crate turns its variables into types of its own, and describes them as [`Setting`]s beside
//! that. All faults are reported at once; help and the page of settings come from the descriptions.

mod describe;
mod environment;
mod pasted;

pub use describe::{Group, Setting, help, page};
pub use environment::{Environment, Faulty, WrongSettings};
pub use pasted::fault as pasting_fault;
