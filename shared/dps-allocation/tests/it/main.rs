//! The engine, seen from outside.

mod bucket;
mod certificate;
mod distribution;
mod fixtures;
mod fleet;
mod hashing_vectors;
mod latency;
mod malformed;
mod reasons;
mod region;
mod rollout;
mod rollout_share;
mod rule;
mod stay;
mod tenant;
mod tier;
mod twin;
mod twin_limits;
mod twin_values;
mod walls;
mod weight;
mod wire;
mod zz;
