//! A preview as one page: before is an outline, after is filled, and every shape has its number
//! beside it.

mod flows;
mod land;
mod load;
mod map;
mod rows;
mod spread;

use std::fmt::Write as _;

use dps_allocation::tables::RowChange;
use dps_fleet::preview::{Preview, TablesAt};

use crate::page::{self, CAME_BEFORE, NOT_DEVICES, Number, grouped, isolated, section};
use crate::screen::short;

/// Groups that are listed.
const MAX_GROUPS: usize = 50;

/// The page; `fleet` is what the fleet is called, `changes` the rows that differ.
pub(super) fn page(found: &Preview, fleet: &str, changes: &[RowChange]) -> String {
    let (moved, devices) = (grouped(found.summary.moved), grouped(found.summary.devices));
    let move_of = devices_move(found.summary.devices);
    let mut main = format!(
        "<h1><span data-number=\"moved\">{moved}</span> of <span data-number=\"devices\">{devices}\
         </span> {move_of}</h1>\n"
    );
    if found.interrupted {
        main.push_str("<p class=\"bad\">Interrupted: this is what was found so far.</p>\n");
    }
    let side = |name: &str, it: &TablesAt| {
        format!(
            "<tr><th scope=\"row\">{name}</th><td>{}</td><td><code>{}</code></td><td>{:.0}</td></tr>\n",
            isolated(&it.source),
            it.revision.short(),
            it.at
        )
    };
    let _infallible = write!(
        main,
        "<div class=\"wide\"><table>\n{}{}<tr><th scope=\"row\">fleet</th><td colspan=\"3\">{}</td>\
         </tr>\n</table></div>\n",
        side("from", &found.from),
        side("to", &found.to),
        isolated(fleet)
    );
    page::numbers(&mut main, numbers(found));
    section(&mut main, "Flows between hubs", &flows::html(found));
    section(&mut main, "Load per hub", &load::html(found));
    section(&mut main, "Regions", &map::html(found));
    section(&mut main, "Devices that change alike", &groups(found));
    section(&mut main, "What the fleet does not hold", &undecided(found));
    section(&mut main, "Lines that are not devices", &faults(found));
    section(&mut main, "Rows that differ", &rows::table(changes));
    let title = format!("Preview: {moved} of {devices} {move_of}");
    page::document(&title, &main)
}

/// What follows `1 of 1` and `0 of 2`.
fn devices_move(devices: u64) -> &'static str {
    if devices == 1 {
        "device moves"
    } else {
        "devices move"
    }
}

/// The numbers of the summary, by the names that they have in `--json`; some only if they are not
/// 0.
fn numbers(found: &Preview) -> impl Iterator<Item = Number> {
    let it = &found.summary;
    let always = [
        (
            "leastMoves",
            ["move at least needed", "moves at least needed"],
            it.least_moves,
        ),
        ("refused", ["refused"; 2], it.refused),
        ("accepted", ["newly accepted"; 2], it.accepted),
        ("twinDiffers", ["twin or reply differs"; 2], it.twin_differs),
        ("undecidable", ["undecidable"; 2], it.undecidable),
        (
            "acrossResidency",
            ["across residency"; 2],
            it.across_residency,
        ),
    ];
    let where_some = [
        ("refusedBefore", ["refused by both"; 2], it.refused_before),
        (
            "underWay",
            [
                "moves without the change too",
                "move without the change too",
            ],
            it.under_way,
        ),
        (
            "twinApplied",
            ["gets the other twin at once", "get the other twin at once"],
            it.twin_applied,
        ),
        ("twinUnknown", ["twin is not known"; 2], it.twin_unknown),
        ("faults", NOT_DEVICES, it.faults),
        ("repeated", CAME_BEFORE, it.repeated),
        (
            "unchecked",
            ["id that was not compared", "ids that were not compared"],
            it.unchecked,
        ),
        (
            "otherLines",
            [
                "line that is not a decision",
                "lines that are not decisions",
            ],
            it.other_lines,
        ),
    ];
    let where_some = where_some.into_iter().filter(|(_, _, count)| *count > 0);
    let numbers = always.into_iter().chain(where_some);
    numbers.map(|(name, words, count)| Number {
        name,
        words,
        count,
        is_bad: matches!(name, "refused" | "acrossResidency"),
    })
}

fn groups(found: &Preview) -> String {
    let headings = ["", "from", "to", "tenant", "devices", "row", "why"];
    let shown = found.groups.iter().take(MAX_GROUPS).map(|group| {
        let it = &group.effect;
        let why = group
            .because
            .as_ref()
            .map_or(it.reason, |because| &because.text);
        [
            it.change.as_str().to_owned(),
            short(&it.from),
            short(&it.to),
            it.tenant.clone().unwrap_or_default(),
            grouped(group.ids.devices),
            it.row.clone().unwrap_or_default(),
            why.to_owned(),
        ]
    });
    let mut table = page::table(&headings, shown);
    if let more @ 1.. = found.groups.len().saturating_sub(MAX_GROUPS) {
        let _infallible = writeln!(table, "<p>{more} more, see --json.</p>");
    }
    table
}

fn undecided(found: &Preview) -> String {
    let rows = found.undecided.iter().map(|it| {
        let ids: Vec<&str> = it.ids.such_as().collect();
        [it.asked.clone(), grouped(it.ids.devices), ids.join(", ")]
    });
    page::table(&["read by", "devices", "such as"], rows)
}

fn faults(found: &Preview) -> String {
    let rows = found.faults.iter();
    let rows = rows.map(|it| [it.file.clone(), it.line.to_string(), it.rule.clone()]);
    page::table(&["file", "line", "rule"], rows)
}
