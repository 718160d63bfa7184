//! Features that each work alone, in pairs: every combination, against what the README says.

mod evidence;
mod locations;
mod returns;
mod rollouts;
