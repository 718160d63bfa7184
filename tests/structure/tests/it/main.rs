//! How crates and modules depend on each other: crates as the design says, modules without cycles. And that no
//! test is left out of the build.

#![cfg(test)]

mod crates;
mod cycles;
mod modules;
mod targets;
