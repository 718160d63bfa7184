//! How crates and modules depend on each other: crates as the design says, modules without cycles.

#![cfg(test)]

mod crates;
mod cycles;
mod modules;
