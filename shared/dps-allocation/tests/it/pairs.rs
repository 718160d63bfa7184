//! Features that each work alone, in pairs: every combination, against what the pages say.

mod evidence;
mod locations;
mod returns;
mod rollouts;
