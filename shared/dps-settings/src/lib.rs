//! Settings: one view of the environment for everybody who reads a part of it.
//!
//! Each crate turns its variables into types of its own, and describes them as [`Setting`]s beside
//! that. All faults are reported at once; help and the page of settings come from the descriptions.
//! [`wrapped`] breaks such text for terminals, and [`root_cause`] says why something failed.

mod cause;
mod describe;
mod environment;
mod host;
mod pasted;
mod wrap;

pub use cause::root_cause;
pub use describe::{Group, Setting, help, page};
pub use environment::{Environment, Faulty, WrongSettings};
pub use host::is_this_machine;
pub use pasted::fault as pasting_fault;
pub use wrap::wrapped;
