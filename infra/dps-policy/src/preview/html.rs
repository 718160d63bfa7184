//! A preview as one self-contained page: no script, no font and no image from elsewhere.
//!
//! Whoever prints it in black and white reads the same: before is an outline, after is filled, and
//! every shape has its number beside it.

mod draw;
mod flows;
mod load;
mod map;
mod rows;
mod style;

use std::fmt::Write as _;

use dps_allocation::tables::RowChange;
use dps_fleet::preview::{Preview, TablesAt};

use draw::{escape, grouped};

/// Groups that are listed.
const MAX_GROUPS: usize = 50;

/// The page; `fleet` is what the fleet is called, `changes` the rows that differ.
pub(super) fn page(found: &Preview, fleet: &str, changes: &[RowChange]) -> String {
    let it = &found.summary;
    let mut page = String::new();
    let _infallible = write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Preview: {} of {} devices move</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n\
         <h1><span data-number=\"moved\">{}</span> of <span data-number=\"devices\">{}</span> devices \
         move</h1>\n",
        grouped(it.moved),
        grouped(it.devices),
        style::CSS,
        grouped(it.moved),
        grouped(it.devices),
    );
    if found.interrupted {
        page.push_str("<p class=\"bad\">Interrupted: this is what was found so far.</p>\n");
    }
    let side = |name: &str, it: &TablesAt| {
        format!(
            "<tr><th scope=\"row\">{name}</th><td>{}</td><td><code>{}</code></td><td>{:.0}</td></tr>\n",
            escape(&it.source),
            it.revision.short(),
            it.at
        )
    };
    let _infallible = write!(
        page,
        "<table class=\"sides\">\n{}{}<tr><th scope=\"row\">fleet</th><td colspan=\"3\">{}</td></tr>\n\
         </table>\n",
        side("from", &found.from),
        side("to", &found.to),
        escape(fleet)
    );
    numbers(found, &mut page);
    section(&mut page, "Flows between hubs", &flows::svg(found));
    section(&mut page, "Load per hub", &load::svg(found));
    section(&mut page, "Regions", &map::svg(found));
    section(&mut page, "Devices that change alike", &groups(found));
    section(&mut page, "What the fleet does not hold", &undecided(found));
    section(&mut page, "Rows that differ", &rows::table(changes));
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// The numbers of the summary, by the names that they have in `--json`.
fn numbers(found: &Preview, page: &mut String) {
    let it = &found.summary;
    let numbers = [
        ("leastMoves", "moves at least needed", it.least_moves, false),
        ("refused", "refused", it.refused, true),
        ("accepted", "newly accepted", it.accepted, false),
        (
            "twinDiffers",
            "twin or reply differs",
            it.twin_differs,
            false,
        ),
        ("undecidable", "undecidable", it.undecidable, false),
        (
            "acrossResidency",
            "across residency",
            it.across_residency,
            true,
        ),
        ("refusedBefore", "refused by both", it.refused_before, false),
        (
            "underWay",
            "move without the change too",
            it.under_way,
            false,
        ),
        ("faults", "lines that are not devices", it.faults, false),
        ("repeated", "ids that came before", it.repeated, false),
    ];
    page.push_str("<dl>\n");
    for (name, words, number, is_bad) in numbers {
        let class = if is_bad && number > 0 {
            " class=\"bad\""
        } else {
            ""
        };
        let number = grouped(number);
        let _infallible = writeln!(
            page,
            "<div{class}><dt>{words}</dt><dd data-number=\"{name}\">{number}</dd></div>"
        );
    }
    page.push_str("</dl>\n");
}

/// A part of the page; none where there is nothing in it.
fn section(page: &mut String, heading: &str, content: &str) {
    if !content.is_empty() {
        let _infallible = write!(page, "<section>\n<h2>{heading}</h2>\n{content}</section>\n");
    }
}

fn groups(found: &Preview) -> String {
    let headings = ["", "from", "to", "tenant", "devices", "row", "why"];
    let shown = found.groups.iter().take(MAX_GROUPS).map(|it| {
        let why = it
            .because
            .as_ref()
            .map_or(it.reason, |because| &because.text);
        [
            it.change.as_str().to_owned(),
            draw::short(&it.from).to_owned(),
            draw::short(&it.to).to_owned(),
            it.tenant.clone().unwrap_or_default(),
            grouped(it.ids.devices),
            it.row.clone().unwrap_or_default(),
            why.to_owned(),
        ]
    });
    let mut table = draw::table(&headings, shown);
    if let more @ 1.. = found.groups.len().saturating_sub(MAX_GROUPS) {
        let _infallible = writeln!(table, "<p>{more} more groups, see --json.</p>");
    }
    table
}

fn undecided(found: &Preview) -> String {
    let rows = found.undecided.iter().map(|it| {
        let ids: Vec<&str> = it.ids.such_as().collect();
        [it.asked.clone(), grouped(it.ids.devices), ids.join(", ")]
    });
    draw::table(&["read by", "devices", "such as"], rows)
}
