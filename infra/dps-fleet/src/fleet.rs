//! Fleets: devices that register, from lists, exports and logs.
//!
//! A fleet is read in batches, so that a large one takes no more memory than a small one, and each
//! batch is parsed by whoever decides about its devices.

mod batch;
mod columns;
mod csv;
mod decisions;
mod device;
mod fault;
mod faults;
mod form;
mod json;
mod lines;
mod log;
mod made;
mod reader;
mod revealed;
mod synthetic;
mod values;
mod watch;
mod work;

pub use batch::Batch;
pub(crate) use decisions::{LogCount, count_decisions};
pub use device::{Hub, ListedDevice, Member, Through};
pub use fault::{FleetError, LineFault};
pub(crate) use faults::Faults;
pub use form::Form;
pub use reader::FleetReader;
pub(crate) use revealed::HASHED;
pub use revealed::Revealed;
pub use synthetic::Synthetic;
pub use watch::Watch;
pub(crate) use work::{Ran, run};
