//! The engine, seen from outside.

mod bucket;
mod certificate;
mod distribution;
mod fleet;
mod hashing_vectors;
mod region;
mod smoke;
mod twin_limits;
