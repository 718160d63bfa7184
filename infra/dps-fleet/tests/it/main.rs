//! The crate from outside: tables and texts in, what comes of them out.

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
