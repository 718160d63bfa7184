//! All config tables together, checked and compiled for decisions.
//!
//! `model` is the compiled policy, `compile` builds it from canonical rows, `check` reports what
//! only the whole policy shows.

mod check;
mod compared;
mod compile;
mod faults;
mod model;
mod read;

pub(crate) use model::{
    AllowedTenants, EnrollmentRow, FirstRule, Frozen, HubIndex, HubSet, Hubs, Linked, Outside,
    Rollout, Rule, TenantRef, mqtt_v5_obstacle,
};
pub use model::{DeviceRow, Policy, RolloutState, RolloutView};
pub use read::{DeviceRecord, Reading};
