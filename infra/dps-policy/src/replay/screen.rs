//! A replay for people: the numbers first.

use std::fmt::Write as _;

use anstyle::Style;
use dps_fleet::replay::{Differing, Replayed};

use crate::output::{counted_as, one_line};
use crate::screen::{self, NO_DECISION, UNREADABLE, add, add_ids, short, such_as};
use crate::source::Source;

pub(super) fn text(replayed: &Replayed, source: &Source, width: usize) -> String {
    let it = replayed;
    let bold = Style::new().bold();
    let mut text = format!(
        "{bold}{}{bold:#}, {} different, {}\n",
        screen::same(it.same, it.decisions),
        it.different,
        counted_as(it.needs_request, "needs the request", "need the request")
    );
    let policy = format!("policy {} of {source}", it.revision.short());
    let _infallible = writeln!(text, "{}", one_line(&policy));
    let rounded = [
        "differs where the log rounds coordinates, which may be why",
        "differ where the log rounds coordinates, which may be why",
    ];
    let more = [
        (it.other_lines, NO_DECISION),
        (it.fault_count, UNREADABLE),
        (it.rounded, rounded),
    ];
    for line in screen::counts(more) {
        let _infallible = writeln!(text, "{line}");
    }
    for (reason, count) in &it.nothing_to_decide {
        let line = format!("{count} ended as {reason}, before a registration was read");
        let _infallible = writeln!(text, "{}", one_line(&line));
    }
    for fault in &it.faults {
        let _infallible = writeln!(text, "  {}", screen::fault(fault));
    }
    let rows = it.differences.iter().map(|Differing { difference, ids }| {
        [
            short(&difference.logged),
            short(&difference.now),
            difference.tenant.clone().unwrap_or_default(),
            ids.devices.to_string(),
            difference.row.as_deref().map(short).unwrap_or_default(),
            such_as(ids),
        ]
    });
    let headings = ["LOGGED", "NOW", "TENANT", "DECISIONS", "ROW", "SUCH AS"];
    add(&mut text, headings, rows, width);
    let headings = ["NEEDS THE REQUEST, WHICH ANSWERS", "DECISIONS", "SUCH AS"];
    let asked = it.asked.iter().map(|it| (&*it.asked, &it.ids));
    add_ids(&mut text, headings, asked, width);
    text
}
