//! What a preview says is what happens: every device is posted before and after the change.
//!
//! `PREDICTED_DEVICES=100000 cargo test -p e2e --test it prediction` takes as many devices.

mod commands;
mod edits;
mod fleet;
mod listed;
mod world;

/// How many devices a fleet has.
fn devices(without_the_variable: usize) -> usize {
    std::env::var("PREDICTED_DEVICES").map_or(without_the_variable, |count| count.parse().unwrap())
}
