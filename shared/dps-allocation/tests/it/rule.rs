//! Step 2: rules.

mod failed_condition;
mod matching;
