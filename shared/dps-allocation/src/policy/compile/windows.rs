//! `begins` and `ends` of a row.

use super::compiler::Compiler;
use crate::instant::instant;
use crate::policy::model::Window;
use crate::schema::{Column, HubState, RuleMode};
use crate::tables::CanonicalRow;

/// The window of a row; none without a time.
fn window<'c>(compiler: &mut Compiler<'c>, row: &CanonicalRow<'c>) -> Option<Window> {
    let time = |column| row.get(column).and_then(instant);
    let (begins, ends) = (time(Column::Begins), time(Column::Ends));
    if let (Some(begins), Some(ends)) = (begins, ends)
        && ends <= begins
    {
        let rule = "it does not end after it begins";
        compiler.error(row, Column::Ends, rule, "write a later time in `ends`");
    }
    Window::new(begins, ends)
}

/// The column that says that a row has a window.
fn timed(row: &CanonicalRow<'_>) -> Option<Column> {
    [Column::Begins, Column::Ends]
        .into_iter()
        .find(|column| row.get(*column).is_some())
}

/// The cell by which a rule moves devices.
pub(super) fn moving(row: &CanonicalRow<'_>) -> Option<Column> {
    use Column::{Hub, HubFrom, Placement, Pools};
    let columns = [Pools, Hub, HubFrom, Placement];
    columns.into_iter().find(|it| row.get(*it).is_some())
}

/// When a rule exists. Only refusals and twins come and go: any other effect would move each device
/// when the rule begins, and again when it ends.
pub(super) fn of_rule<'c>(compiler: &mut Compiler<'c>, row: &CanonicalRow<'c>) -> Option<Window> {
    if let Some(column) = timed(row) {
        let refuses: bool = row.parse(Column::Refuse).unwrap_or_default();
        let is_first = !row.has_invalid(Column::Mode)
            && row.parse::<RuleMode>(Column::Mode).unwrap_or_default() == RuleMode::First;
        if let Some(moving) = moving(row) {
            let rule = format!("a rule for a time has no `{}`", moving.as_str());
            let help = "devices would move when it begins and again when it ends: write a \
                        rollout, which moves them once";
            compiler.error(row, column, rule, help);
        } else if is_first && !refuses {
            let rule = "a rule for a time that does not refuse needs mode also";
            let help = "with mode first, it keeps the rules behind it from applying, and devices \
                        would move when it begins and again when it ends";
            compiler.error(row, column, rule, help);
        }
    }
    window(compiler, row)
}

/// When the state of a hub holds. Only `draining` comes and goes: it moves no device.
pub(super) fn of_hub<'c>(compiler: &mut Compiler<'c>, row: &CanonicalRow<'c>) -> Option<Window> {
    if let Some(column) = timed(row)
        && !row.has_invalid(Column::State)
        && row.parse::<HubState>(Column::State).unwrap_or_default() != HubState::Draining
    {
        let rule = "only the state draining is for a time";
        let help = "devices would leave a hub when it closes and come back when it opens: write \
                    draining, and move devices with a rollout";
        compiler.error(row, column, rule, help);
    }
    window(compiler, row)
}
