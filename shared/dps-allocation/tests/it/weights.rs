//! Step 8: weights, and the published hashes.

mod bucket;
mod distribution;
mod draw;
mod shares;
mod vectors;
