//! Plans, each proved by what the engine then does with devices.

mod drain;
mod movement;
mod pin;
mod rebalance;
