//! The engine, seen from outside.

#![cfg(test)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "cases of one line read better without borrowing"
)]

mod bucket;
mod certificate;
mod device_record;
mod diff;
mod distribution;
mod evidence;
mod failed_condition;
mod findings;
mod findings_cells;
mod findings_expressions;
mod findings_locations;
mod findings_rows;
mod fixtures;
mod fleet;
mod hashing_vectors;
mod hub_names;
mod latency;
mod malformed;
mod newer_enrollments;
mod pages;
mod pairs;
mod profiles;
mod properties;
mod reasons;
mod record;
mod region;
mod registration;
mod replay;
mod revision;
mod rollout;
mod rollout_end;
mod rollout_share;
mod rule;
mod shares;
mod spelling;
mod stay;
mod tenant;
mod tier;
mod twin;
mod twin_device;
mod twin_limits;
mod twin_values;
mod walls;
mod weight;
mod wire;
