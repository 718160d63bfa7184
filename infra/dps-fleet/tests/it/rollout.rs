//! Commands on rollouts, each proved by what the engine then does with devices.

mod commands;
mod give_back;
mod pairs;
mod state;
mod steps;
pub(crate) mod world;
