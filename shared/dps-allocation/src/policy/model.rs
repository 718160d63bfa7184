//! The compiled policy: every name is resolved, every expression compiled.

mod devices;
mod enrollments;
mod host_names;
mod hub_list;
mod hub_set;
mod hubs;
mod key_map;
mod latency;
mod policy;
mod profile;
mod region;
mod rollouts;
mod rules;
mod scoped;
mod shared;
mod tenants;
mod twins;
mod window;

pub use devices::DeviceRow;
pub(crate) use devices::{CompactRow, Devices, RareCells, Residency};
pub(crate) use enrollments::{AllowedTenants, EnrollmentRow, Enrollments};
pub(crate) use hub_list::HubList;
pub(crate) use hub_set::{HubIndex, HubSet, MAX_HUBS};
pub(crate) use hubs::{Hub, Hubs, Linked};
pub(crate) use latency::Latency;
pub use policy::Policy;
pub(crate) use profile::{Spoken, mqtt_v5_obstacle};
pub(crate) use region::RegionIndex;
pub(crate) use rollouts::{Anew, Frozen, Rollout, RolloutState};
pub(crate) use rules::{FirstRule, Rule, Rules};
pub(crate) use scoped::Scoped;
pub(crate) use shared::Shared;
pub(crate) use tenants::{TenantIndex, TenantRef, TenantSettings, Tenants};
pub(crate) use twins::{Twin, Twins};
pub(crate) use window::{Outside, Window};
