//! The commands, each defined by the rows that it edits.

use dps_allocation::rollout::ShareStep;
use dps_allocation::tables::{Canonical, Column, TableName};
use dps_allocation::{RolloutState, RolloutView};
use jiff::Timestamp;

use super::error::RolloutError;
use super::give_back::{self, Return};
use super::schedule;
use super::shift::{completed, promoted, resumed, text, whole_second};
use crate::edit::{Cells, RowEdit};

/// What to do with a rollout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The share stays as it is. A device within it that has not registered yet still moves.
    Pause,
    /// The share grows again from where it stands: later steps are delayed by the time of the
    /// pause.
    Resume,
    /// The next step comes now, and later steps come earlier by the same time.
    Promote {
        /// Whether the share becomes 100 % instead.
        full: bool,
    },
    /// No further device moves. Those that have moved stay.
    Stop,
    /// No further device moves. Those that have moved go back at their next registration.
    ReturnNow,
    /// No further device moves. Those that have moved go back step by step.
    Return(Return),
}

/// The rows that a command edits.
///
/// # Errors
/// [`RolloutError`] when the rollout is in a state that the command does not fit.
pub fn edits(
    rollout: RolloutView<'_>,
    tables: &Canonical,
    command: &Command,
    now: Timestamp,
) -> Result<Vec<RowEdit>, RolloutError> {
    let now = whole_second(now);
    let cells = match command {
        Command::Pause => pause(rollout, now)?,
        Command::Resume => resume(rollout, now)?,
        Command::Promote { full } => promote(rollout, *full, now)?,
        Command::Stop => stop(rollout, now)?,
        Command::ReturnNow => return_now(rollout, now)?,
        Command::Return(back) => {
            let stopped = return_by_plan(rollout, now)?;
            let back = give_back::row(rollout, tables, back, now)?;
            let stopped = stopped.map(|cells| edit(rollout, tables, cells));
            return Ok(stopped.into_iter().chain([back]).collect());
        }
    };
    Ok(vec![edit(rollout, tables, cells)])
}

/// The edit of its row. A cell that is empty already is not cleared, so that its column is not
/// added.
fn edit(rollout: RolloutView<'_>, tables: &Canonical, mut cells: Cells) -> RowEdit {
    let row = tables.find(TableName::Rollouts, rollout.scope(), rollout.id());
    let has = |name: &str| {
        let is_it = |(column, _): (Column, &str)| column.as_str() == name;
        row.is_some_and(|row| row.cells().any(is_it))
    };
    cells.retain(|(name, text)| !text.is_empty() || has(name));
    RowEdit {
        table: TableName::Rollouts,
        partition: rollout.scope().to_owned(),
        row: rollout.id().to_owned(),
        new: false,
        cells,
    }
}

fn pause(rollout: RolloutView<'_>, now: Timestamp) -> Result<Cells, RolloutError> {
    match rollout.state() {
        RolloutState::Running => Ok(vec![
            state("paused"),
            (Column::PausedAt.as_str(), now.to_string()),
        ]),
        RolloutState::Paused(_) => Err(is(rollout, "paused already", "resume lets it go on")),
        RolloutState::Aborted(_) => Err(stopped(rollout)),
    }
}

fn resume(rollout: RolloutView<'_>, now: Timestamp) -> Result<Cells, RolloutError> {
    match (rollout.state(), rollout.steps()) {
        (RolloutState::Paused(since), Some(steps)) => {
            let steps = resumed(steps, rollout.ramp(), since.min(now), now);
            Ok(vec![
                state("running"),
                cleared(Column::PausedAt),
                cell_of(&steps),
            ])
        }
        (RolloutState::Running, _) => Err(is(rollout, "not paused", "there is nothing to resume")),
        _ => Err(stopped(rollout)),
    }
}

fn promote(rollout: RolloutView<'_>, full: bool, now: Timestamp) -> Result<Cells, RolloutError> {
    let id = || rollout.id().to_owned();
    let (RolloutState::Running, Some(steps)) = (rollout.state(), rollout.steps()) else {
        return Err(match rollout.state() {
            RolloutState::Paused(_) => is(rollout, "paused", "resume it first"),
            _ => stopped(rollout),
        });
    };
    if rollout.share(now) == schedule::full() {
        return Err(RolloutError::Complete(id()));
    }
    let steps = if full {
        completed(steps, now)
    } else {
        promoted(steps, now).ok_or_else(|| RolloutError::NoNextStep {
            id: id(),
            share: rollout.share(now).to_string(),
        })?
    };
    Ok(vec![cell_of(&steps)])
}

fn stop(rollout: RolloutView<'_>, now: Timestamp) -> Result<Cells, RolloutError> {
    match rollout.state() {
        RolloutState::Aborted(_) if !rollout.returns() => {
            Err(is(rollout, "stopped already", "it moves no device"))
        }
        RolloutState::Aborted(_) => Ok(vec![cleared(Column::Return)]),
        RolloutState::Running | RolloutState::Paused(_) => {
            Ok(aborted(now, cleared(Column::Return)))
        }
    }
}

fn return_now(rollout: RolloutView<'_>, now: Timestamp) -> Result<Cells, RolloutError> {
    let back = (Column::Return.as_str(), "true".to_owned());
    match rollout.state() {
        RolloutState::Aborted(_) if rollout.returns() => Err(is(
            rollout,
            "returning already",
            "rollout stop ends the way back",
        )),
        RolloutState::Aborted(_) => Ok(vec![back]),
        _ if rollout.to().is_none() => Err(RolloutError::MovesNobody(rollout.id().to_owned())),
        RolloutState::Running | RolloutState::Paused(_) => Ok(aborted(now, back)),
    }
}

/// The cells of the rollout itself; `None` if it is stopped already.
fn return_by_plan(rollout: RolloutView<'_>, now: Timestamp) -> Result<Option<Cells>, RolloutError> {
    match rollout.state() {
        RolloutState::Aborted(_) if rollout.returns() => Err(is(
            rollout,
            "returning already, all at once",
            "stop it first, then plan the way back",
        )),
        RolloutState::Aborted(_) => Ok(None),
        RolloutState::Running | RolloutState::Paused(_) => {
            Ok(Some(aborted(now, cleared(Column::Return))))
        }
    }
}

fn state(word: &str) -> (&'static str, String) {
    (Column::State.as_str(), word.to_owned())
}

/// An earlier pausedAt stays: the share is what it was then.
fn aborted(now: Timestamp, return_cell: (&'static str, String)) -> Cells {
    let at = (Column::AbortedAt.as_str(), now.to_string());
    vec![state("aborted"), at, return_cell]
}

fn cleared(column: Column) -> (&'static str, String) {
    (column.as_str(), String::new())
}

fn cell_of(steps: &[ShareStep]) -> (&'static str, String) {
    (Column::Steps.as_str(), text(steps))
}

fn is(rollout: RolloutView<'_>, is: &'static str, help: &'static str) -> RolloutError {
    RolloutError::State {
        id: rollout.id().to_owned(),
        is,
        help,
    }
}

fn stopped(rollout: RolloutView<'_>) -> RolloutError {
    is(
        rollout,
        "stopped",
        "plan another one: rollout plan writes its row",
    )
}
