//! Which columns each table has, and what kind of value each column holds.

mod choice;
mod column;
mod kind;
mod per_table;
mod table_name;
mod tables;

pub use choice::DeviceRows;
pub(crate) use choice::{
    Cohort, DeviceProfile, HubProfile, HubState, OnReprovision, Placement, Ramp, RolloutPhase,
    RuleMode, TenantState, WithoutLocation,
};
pub use column::Column;
pub use kind::Kind;
pub(crate) use kind::MAX_LISTED_HUBS;
pub(crate) use per_table::PerTable;
pub use table_name::TableName;
