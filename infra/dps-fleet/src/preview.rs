//! What a change of the tables does to a fleet: every device is decided under both.
//!
//! A preview is a function of two policies and a stream of devices. Its memory does not grow with
//! the fleet: a filter of fixed size recognizes ids that come twice.

mod assumed;
mod change;
mod judge;
mod labels;
mod names;
mod pair;
mod places;
mod premises;
mod report;
mod run;
mod seen;
mod side;
mod tally;

pub use assumed::Assumed;
pub use change::{Change, Changed, Effect};
pub(crate) use judge::{Judge, Judged, Registering, Registrar, Unjudged};
pub use pair::Pair;
pub(crate) use premises::Premises;
pub use report::{
    Because, Group, HubLoad, Preview, Summary, TablesAt, TenantMoves, TwinsOfTenant, Undecided,
};
pub use run::preview;
pub(crate) use seen::Seen;
pub use side::Side;
