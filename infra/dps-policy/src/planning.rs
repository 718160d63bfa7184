//! Commands that plan movements: each writes the rows of a plan, as `set` writes a row.

mod course;
mod drain;
mod movement;
mod pin;
mod rebalance;
mod target;

pub(crate) use drain::{Arguments as Drain, run as drain};
pub(crate) use movement::{Arguments as Movement, run as movement};
pub(crate) use pin::{Arguments as Move, run as pin};
pub(crate) use rebalance::{Arguments as Rebalance, run as rebalance};
