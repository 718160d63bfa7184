//! Scenario files from outside: text in, what came of each entry out.

#![cfg(test)]

mod cases;
mod faults;
mod fleets;
mod policy;
mod probe;
