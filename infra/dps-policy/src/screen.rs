//! What commands show people alike.

use std::fmt::Write as _;

use dps_allocation::RevisionPrefix;
use dps_fleet::Ids;
use dps_fleet::fleet::LineFault;

use crate::grid::grid;
use crate::output::{counted, counted_as, one_line};

/// Rows of a table that are shown.
const MAX_ROWS: usize = 20;

/// What nearly all host names end with; tables leave it out.
const PUBLIC_CLOUD: [&str; 2] = [".device.azure-devices.net", ".azure-devices.net"];

/// The text with hubs of the public cloud by their first labels; those of other clouds stay whole.
pub(crate) fn short(text: &str) -> String {
    let [device, classic] = PUBLIC_CLOUD;
    text.replace(device, "").replace(classic, "")
}

/// As many digits of a revision as people read; a webhook may answer something else.
pub(crate) fn short_revision(text: &str) -> String {
    one_line(&text.chars().take(RevisionPrefix::SHORT).collect::<String>())
}

/// The first ids.
pub(crate) fn such_as(ids: &Ids) -> String {
    ids.such_as().collect::<Vec<_>>().join(", ")
}

/// `1 of 3 decisions is the same`, `0 of 1 decision is the same`
pub(crate) fn same(same: u64, all: u64) -> String {
    let are = if same == 1 || all == 1 { "is" } else { "are" };
    format!("{same} of {} {are} the same", counted(all, "decision"))
}

/// The words for lines of a log that are not decisions, for one line and for several.
pub(crate) const NO_DECISION: [&str; 2] = ["line is not a decision", "lines are not decisions"];

/// Lines of decisions that cannot be read.
pub(crate) const UNREADABLE: [&str; 2] = [
    "line of a decision cannot be read",
    "lines of decisions cannot be read",
];

/// The counts that are not zero, with the words for one and for several.
pub(crate) fn counts<const N: usize>(
    counts: [(u64, [&str; 2]); N],
) -> impl Iterator<Item = String> {
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    counts.map(|(count, [one, several])| counted_as(count, one, several))
}

/// Which line cannot be read, and why.
pub(crate) fn fault(it: &LineFault) -> String {
    one_line(&format!("{}, line {}: {}", it.file, it.line, it.rule))
}

/// Adds a table below an empty line, if it has rows; a long one is cut.
pub(crate) fn add<const N: usize>(
    text: &mut String,
    headings: [&str; N],
    mut rows: impl Iterator<Item = [String; N]>,
    width: usize,
) {
    let shown: Vec<_> = rows.by_ref().take(MAX_ROWS).collect();
    if shown.is_empty() {
        return;
    }
    text.push('\n');
    *text += &grid(Some(headings), &shown, width);
    if let more @ 1.. = rows.count() {
        let _infallible = writeln!(text, "({more} more, see --json)");
    }
}

/// Adds a table of what devices have in common, with the first of their ids.
pub(crate) fn add_ids<'i>(
    text: &mut String,
    headings: [&str; 3],
    rows: impl Iterator<Item = (&'i str, &'i Ids)>,
    width: usize,
) {
    let row = |(what, ids): (&str, &Ids)| [what.to_owned(), ids.devices.to_string(), such_as(ids)];
    add(text, headings, rows.map(row), width);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hubs_of_the_public_cloud_are_short() {
        let check = |text: &str, expected: &str| assert_eq!(short(text), expected);
        check("weu-1.azure-devices.net", "weu-1");
        check(
            "weu-1.device.azure-devices.net, weighted",
            "weu-1, weighted",
        );
        check("a.azure-devices.net b.azure-devices.net", "a b");
        check("cne-1.azure-devices.cn", "cne-1.azure-devices.cn");
        check("(no hub yet)", "(no hub yet)");
    }

    #[test]
    fn one_decision_is_the_same() {
        let check = |same_ones, all, expected: &str| assert_eq!(same(same_ones, all), expected);
        check(0, 1, "0 of 1 decision is the same");
        check(1, 1, "1 of 1 decision is the same");
        check(1, 3, "1 of 3 decisions is the same");
        check(0, 2, "0 of 2 decisions are the same");
    }
}
