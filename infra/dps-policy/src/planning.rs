//! Commands that plan movements: each writes the rows of a plan, as `set` writes a row.

mod course;
mod drain;
mod movement;
mod pin;
mod rebalance;
mod target;

use crate::exit::Exit;
pub(crate) use drain::Arguments as Drain;
pub(crate) use movement::Arguments as Movement;
pub(crate) use pin::Arguments as Move;
pub(crate) use rebalance::Arguments as Rebalance;

pub(crate) async fn movement(arguments: Movement) -> anyhow::Result<Exit> {
    movement::run(arguments).await
}

pub(crate) async fn drain(arguments: Drain) -> anyhow::Result<Exit> {
    drain::run(arguments).await
}

pub(crate) async fn rebalance(arguments: Rebalance) -> anyhow::Result<Exit> {
    rebalance::run(arguments).await
}

pub(crate) async fn pin(arguments: Move) -> anyhow::Result<Exit> {
    pin::run(arguments).await
}
