//! The crate from outside: from tables and texts to results.

#![cfg(test)]

mod cases;
mod faults;
mod fleet;
mod fleets;
mod outcome;
mod plan;
mod policy;
mod preview;
mod probe;
mod prove;
mod rollout;
mod simulate;
