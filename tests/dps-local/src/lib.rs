//! A local Device Provisioning Service with its IoT hubs.
//!
//! Devices register with their real credentials, enrollments decide as on Azure, and an allocation webhook is called as
//! DPS calls it. What DPS fixes is read from its documentation, its SDKs and captured requests; what nobody outside of
//! Microsoft knows is said where it is decided.
//!
//! It shares no code with `dps-allocation` and the webhook, on purpose: it reads DPS's contract for itself, so that one
//! mistake cannot be in both of them and pass the tests.
//!
//! ```no_run
//! # async fn example() -> Result<(), dps_local::StartError> {
//! use dps_local::{Log, Options, Server};
//!
//! let server = Server::start(Options::default(), Log::default()).await?;
//! println!("{} {}", server.https(), server.id_scope());
//! # Ok(())
//! # }
//! ```

mod access;
mod allocation;
mod amqp;
mod authority;
mod certificate;
mod chain;
mod challenges;
mod clock;
mod connections;
mod data;
mod dps;
mod enrollment;
mod etag;
mod events;
mod https;
mod hub;
mod hub_name;
mod id;
mod issuing;
mod key;
mod log;
mod manage;
mod metrics;
mod mqtt;
mod options;
mod refusal;
mod registration;
mod registry;
mod reprovision;
mod seed;
mod server;
mod signing;
mod simulated;
mod state;
mod store;
mod throttle;
mod tls;
mod token;
mod tpm;

pub use clock::Clock;
pub use key::{KeyError, SymmetricKey};
pub use log::Log;
pub use options::{Limits, Options};
pub use seed::{Seed, SeedError};
pub use server::{Server, StartError};
pub use signing::{DeviceCertificate, SigningCertificate, SigningError};
pub use simulated::{
    OnHub, SimulatedCredential, SimulatedDevice, SimulatedError, SimulatedTpm, Simulation, Site,
    TpmSession,
};
pub use token::sign;
