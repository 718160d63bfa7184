//! The custom allocation webhook of DPS, as what answers requests and what it needs to run.
//!
//! A request goes through [`Endpoints`] to `decide` of the engine; [`PolicyRefresh`] keeps
//! [`PolicyInUse`] up to date beside it: on a thread of its own, or, if the process is frozen
//! between requests, while requests wait ([`PollsOnDemand`]).

mod app;
mod body;
mod connections;
mod context;
mod deadline;
mod decision_id;
mod decision_log;
mod devices;
mod envelope;
mod front;
mod functions_host;
mod json_line;
mod keys;
mod lambda;
mod last_good;
mod lines;
mod logged;
mod open;
mod policy;
mod problem;
mod program;
mod reason;
mod refresh;
mod rejected;
mod routes;
mod serve;
mod serve_error;
mod settings;
mod shadow;
mod signals;
mod store_error;
mod terminal;

pub use app::App;
pub use body::BodyMemory;
pub use decision_log::DecisionLog;
pub use devices::DeviceLookup;
pub use front::Front;
pub use keys::{Key, Keys};
pub use lambda::run_on_lambda;
pub use last_good::LastGoodFiles;
pub use lines::Lines;
pub use logged::LoggedIds;
pub use policy::PolicyInUse;
pub use program::Program;
pub use refresh::{PolicyRefresh, PollsOnDemand};
pub use routes::Endpoints;
pub use serve::run;
pub use serve_error::ServeError;
pub use settings::{Settings, settings_page};
pub use shadow::Shadow;
