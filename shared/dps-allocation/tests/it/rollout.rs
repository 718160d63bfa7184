//! Step 5: rollouts.

mod anew;
mod end;
mod evacuation;
mod pairs;
mod returns;
mod selection;
mod share;
mod without_to;
