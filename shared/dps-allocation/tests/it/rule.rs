//! Step 2: rules.

mod also;
mod failed_condition;
mod fixed_hubs;
mod matching;
mod unless;
mod windows;
