//! The engine, seen from outside.

#![cfg(test)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "cases of one line read better without borrowing"
)]

mod captured;
mod combined;
mod constraints;
mod findings;
mod fleet;
mod foresee;
mod group;
mod identity;
mod pages;
mod placement;
mod properties;
mod reasons;
mod record;
mod replay;
mod request;
mod rollout;
mod rule;
mod stay;
mod tables;
mod tenant;
mod twins;
mod unlisted;
mod version;
mod weights;
