//! The hashes that place and select devices: published contracts, see `vectors/hashing.json`.

mod keyed;

pub mod bucket;
pub mod weight;
