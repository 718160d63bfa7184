//! Step 2: rules.

mod also;
mod failed_condition;
mod matching;
mod unless;
