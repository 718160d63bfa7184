//! The way in over MQTT 3.1.1: to the service (section 3.3 of `dps-contract.md`), and to its hubs.

mod hub;
mod provisioning;
mod session;
mod topic;

pub(crate) use session::speak;
