//! A rollout that moves devices back; it selects only those that another one can have moved.

use dps_allocation::RolloutView;
use dps_allocation::bucket::Share;
use dps_allocation::tables::{Canonical, Column, TableName};
use jiff::Timestamp;

use super::error::RolloutError;
use super::schedule::{Schedule, full};
use super::shift::whole_second;
use crate::edit::RowEdit;

/// How devices go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// Shares of those that have moved.
    pub schedule: Schedule,
    /// At most this share of all devices goes back, not counting pinned ones.
    pub cap: Share,
    /// The hubs or pools to go back to; `None`: those of `from`.
    pub to: Option<String>,
}

/// Columns that select the same devices again.
const SAME: [Column; 3] = [Column::When, Column::Include, Column::Exclude];

/// The row that moves devices back.
///
/// With the salt of the rollout, and a share that is never larger, it selects only devices that the
/// rollout has selected. It also moves those that were on `to` before: nothing tells them apart.
pub(super) fn row(
    rollout: RolloutView<'_>,
    tables: &Canonical,
    back: &Return,
    now: Timestamp,
) -> Result<RowEdit, RolloutError> {
    let id = || rollout.id().to_owned();
    let (scope, begins) = (rollout.scope(), whole_second(now));
    let row = tables.find(TableName::Rollouts, scope, rollout.id());
    let cell = |column: Column| row.and_then(|row| row.get(column)).map(str::to_owned);
    let led_to = cell(Column::To).ok_or_else(|| RolloutError::MovesNobody(id()))?;
    let to = back.to.clone().or_else(|| cell(Column::From));
    let to = to.ok_or_else(|| RolloutError::NoFrom(id()))?;
    let moved = rollout.share(now);
    if moved == Share::default() {
        return Err(RolloutError::NobodyMoved(id()));
    }
    let name = format!("{}-return", rollout.id());
    if tables.find(TableName::Rollouts, scope, &name).is_some() {
        return Err(RolloutError::Planned {
            id: id(),
            back: name,
        });
    }
    let cap = back.cap.min(moved).min(full());
    let steps = back.schedule.cells(begins, moved, cap)?;
    let mut cells = vec![
        (Column::From.as_str(), led_to),
        (Column::To.as_str(), to),
        (Column::Cohort.as_str(), "existing".to_owned()),
        (Column::Salt.as_str(), cell(Column::Salt).unwrap_or_else(id)),
    ];
    cells.extend(steps);
    let same = SAME.into_iter();
    cells.extend(same.filter_map(|column| Some((column.as_str(), cell(column)?))));
    Ok(RowEdit {
        table: TableName::Rollouts,
        partition: scope.to_owned(),
        row: name,
        new: true,
        cells,
    })
}
