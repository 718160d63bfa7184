//! Steps 6 and 7: tiers and latency.

mod latency;
mod regions;
mod sources;
mod static_hub;
mod tier;
mod without_location;
