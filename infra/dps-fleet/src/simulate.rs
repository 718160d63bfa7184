//! How many devices each hub has over time, while each device registers every so often.
//!
//! A simulation is a function of a policy, a calendar and a stream of devices. Its memory grows
//! with hubs and moments, and not with the fleet, except for the filter of a preview.

mod calendar;
mod capacity;
mod load;
mod measured;
mod pace;
mod report;
mod run;
mod sample;
mod walk;

pub use calendar::{Calendar, CalendarError};
pub use capacity::Capacities;
pub use measured::{Measured, Measurement, measure};
pub use pace::Pace;
pub use report::{HubOverTime, Moment, Simulation};
pub use run::simulate;
