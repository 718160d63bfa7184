//! The `rollouts` table.

use super::compiler::Compiler;
use crate::expression::Purpose;
use crate::glob::Glob;
use crate::hash::bucket::BucketSalt;
use crate::instant::instant;
use crate::policy::model::{Anew, Rollout, RolloutState, Scoped};
use crate::rollout::Steps;
use crate::schema::{Cohort, Column, RolloutPhase, TableName};
use crate::tables::{CanonicalRow, items};

pub(super) fn compile(compiler: &mut Compiler<'_>) -> Scoped<Rollout> {
    let mut rollouts = Vec::new();
    for row in compiler.rows.rows(TableName::Rollouts) {
        compiler.check_scope(&row);
        let to = compiler.hubs_or_pools(&row, Column::To);
        if to.is_none() && !row.has(Column::Twin) {
            let help = "name the hubs or pools to move to, or the twin to add";
            compiler.missing(&row, Column::To, "the rollout has no target", help);
        }
        let steps = row
            .get(Column::Steps)
            .and_then(|steps| Steps::parse(steps).ok());
        let help = "write steps such as 2026-12-01=1% 2026-12-08=10%, or 100% for all at once";
        compiler.missing(&row, Column::Steps, "there is no step", help);
        let state = state(compiler, &row, steps.as_ref());
        let rollout = Rollout {
            scope: row.partition().into(),
            id: row.key().into(),
            line: row.line(),
            from: compiler.hubs_or_pools(&row, Column::From),
            to,
            anew: anew(compiler, &row),
            cohort: row.parse(Column::Cohort).unwrap_or_default(),
            when: compiler.expression(&row, Column::When, Purpose::Condition),
            state,
            brings_back: row.parse(Column::Return).unwrap_or_default(),
            include: globs(row.get(Column::Include)),
            exclude: globs(row.get(Column::Exclude)),
            salt: BucketSalt::new(row.get(Column::Salt).unwrap_or(row.key())),
            twin: compiler.twin(&row, row.partition()),
            steps,
            ramp: row.parse(Column::Ramp).unwrap_or_default(),
        };
        rollouts.push((compiler.tenant(row.partition()), rollout));
    }
    Scoped::new(rollouts)
}

/// How devices are placed again; warns where the cells have no effect.
fn anew<'c>(compiler: &mut Compiler<'c>, row: &CanonicalRow<'c>) -> Option<Anew> {
    let is_anew = row.parse(Column::Anew).unwrap_or_default();
    let min_gain_ms = row.parse(Column::MinGainMs);
    if !row.has(Column::To) {
        for column in [Column::Anew, Column::MinGainMs, Column::Return] {
            if row.get(column).is_some_and(|cell| cell != "false") {
                let help = "name the hubs in `to`, or empty the cell";
                let rule = "a rollout without `to` moves no device";
                compiler.warning(row, column, rule, help);
            }
        }
    } else if is_anew && row.parse(Column::Cohort) == Some(Cohort::New) {
        let rule = "the rollout selects new devices only, which are placed in any case";
        let help = "set cohort to existing or all, or empty the cell";
        compiler.warning(row, Column::Anew, rule, help);
    } else if min_gain_ms.is_some() && !is_anew {
        let rule = "minGainMs counts only with `anew`";
        let help = "set anew to true, or empty the cell";
        compiler.warning(row, Column::MinGainMs, rule, help);
    }
    is_anew.then_some(Anew { min_gain_ms })
}

/// The state, with the time at which the share stopped growing.
///
/// An aborted rollout that had been paused before stopped growing then.
fn state<'c>(
    compiler: &mut Compiler<'c>,
    row: &CanonicalRow<'c>,
    steps: Option<&Steps>,
) -> RolloutState {
    let time = |column| row.get(column).and_then(instant);
    let (paused_at, aborted_at) = (time(Column::PausedAt), time(Column::AbortedAt));
    let mut idle = |column: Column, rule: &str, help: &str| {
        if row.get(column).is_some() {
            compiler.warning(row, column, rule, help);
        }
    };
    if row.has_invalid(Column::State) {
        return RolloutState::Running;
    }
    match (row.parse(Column::State).unwrap_or_default(), paused_at) {
        (RolloutPhase::Aborted, _) => {
            let since = [paused_at, aborted_at].into_iter().flatten().min();
            let depends = steps.is_some_and(Steps::have_times);
            let returns = row.parse(Column::Return).unwrap_or_default();
            if depends && returns && !row.has(Column::AbortedAt) {
                let rule = "abortedAt is missing: the rollout brings back only devices that its steps \
                            or `include` selected without a time, or before `pausedAt`";
                let help = "write the time in abortedAt, such as 2026-12-01T08:00Z";
                compiler.warning(row, Column::AbortedAt, rule, help);
            }
            RolloutState::Aborted(since)
        }
        (RolloutPhase::Paused, Some(at)) => {
            idle(Column::AbortedAt, NOT_ABORTED, HELP_ABORTED);
            RolloutState::Paused(at)
        }
        (RolloutPhase::Paused, None) => {
            let rule = "a paused rollout needs a time";
            let help = "write when it was paused: the share stays as it was then";
            compiler.missing(row, Column::PausedAt, rule, help);
            RolloutState::Aborted(None)
        }
        (RolloutPhase::Running, _) => {
            let help = "remove the time, or set state to paused; when the rollout is aborted, its \
                        share counts as of this time";
            idle(Column::PausedAt, "the rollout is not paused", help);
            idle(Column::AbortedAt, NOT_ABORTED, HELP_ABORTED);
            RolloutState::Running
        }
    }
}

const NOT_ABORTED: &str = "the rollout is not aborted";

const HELP_ABORTED: &str = "remove the time, or set state to aborted";

fn globs(cell: Option<&str>) -> Vec<Glob> {
    cell.into_iter().flat_map(items).map(Glob::new).collect()
}
