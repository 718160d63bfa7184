//! Step 5: rollouts.

mod end;
mod pairs;
mod returns;
mod selection;
mod share;
