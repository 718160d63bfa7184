//! The moments at which decisions change by themselves.

use std::collections::BTreeSet;

use dps_allocation::instant;
use dps_allocation::rollout::Steps;
use dps_allocation::tables::{Column, TableName};
use jiff::{SignedDuration, Timestamp};

use super::crossings::crossings;
use crate::prove::expression::texts;
use crate::prove::side::Side;

const CELLS: [(TableName, Column); 6] = [
    (TableName::Hubs, Column::Begins),
    (TableName::Hubs, Column::Ends),
    (TableName::Rules, Column::Begins),
    (TableName::Rules, Column::Ends),
    (TableName::Rollouts, Column::PausedAt),
    (TableName::Rollouts, Column::AbortedAt),
];

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Now, each later moment that a row names, and one between each two: shares may grow evenly.
///
/// Shares of one salt contain each other, so the moments at which one overtakes another count too.
pub(super) fn moments(sides: &[Side<'_>], tenants: &[String], now: Timestamp) -> Vec<Timestamp> {
    let mut all = BTreeSet::from([now]);
    for side in sides {
        for (table, column) in CELLS {
            let cells = side.rows.rows(table).filter_map(|row| row.get(column));
            all.extend(cells.filter_map(instant));
        }
        for rollout in side.policy.rollouts() {
            let steps = rollout.steps().into_iter().flat_map(Steps::iter);
            all.extend(steps.filter_map(|step| step.at));
        }
        for (_, text) in side.expressions() {
            for at in texts(text).0.iter().filter_map(|text| instant(text)) {
                // What is not so at this moment can be so after it.
                all.extend(
                    [Some(at), at.checked_add(SECOND).ok()]
                        .into_iter()
                        .flatten(),
                );
            }
        }
    }
    let mut later: BTreeSet<Timestamp> = all.into_iter().filter(|at| *at >= now).collect();
    let windows: Vec<Timestamp> = later.iter().copied().collect();
    later.extend(crossings(sides, tenants, &windows));
    let later: Vec<Timestamp> = later.into_iter().collect();
    let between = later.windows(2).filter_map(|pair| match pair {
        [from, until] => Timestamp::from_second(from.as_second().midpoint(until.as_second())).ok(),
        _ => None,
    });
    let all: BTreeSet<Timestamp> = later.iter().copied().chain(between).collect();
    all.into_iter().collect()
}
