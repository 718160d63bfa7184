//! Registrations: what DPS remembers of a device that has asked for a hub.

mod evidence;
mod state;

pub(crate) use evidence::{Attested, Evidence, Source, Tpm};
pub(crate) use state::{Assignment, Failure, Pending, Registration, Status, Substatus};
