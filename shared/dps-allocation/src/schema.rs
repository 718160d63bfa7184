//! Which columns each table has, and what kind of value each column holds.

mod choice;
mod column;
mod kind;
mod per_table;
mod table_name;
mod tables;

pub(crate) use choice::{
    Cohort, DeviceProfile, HubProfile, HubState, OnReprovision, Placement, RolloutPhase, RuleMode,
    TenantState, WithoutLocation,
};
pub use choice::{DeviceRows, Ramp};
pub use column::Column;
pub use kind::Kind;
pub(crate) use kind::MAX_LISTED_HUBS;
pub(crate) use per_table::PerTable;
pub use table_name::TableName;
