//! Features that each work alone, in pairs: every combination, against what the README says.

mod returns;
mod rollouts;
