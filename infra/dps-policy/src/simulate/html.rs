//! A simulation as one page: a chart of each hub.

use std::fmt::Write as _;

use dps_fleet::simulate::{HubOverTime, Moment, Simulation};

use super::when::date;
use crate::output::counted_as;
use crate::page::{
    self, CAME_BEFORE, NOT_DEVICES, Number, counted, escape, grouped, isolated, of_hundred, section,
};
use crate::screen::short;

/// Hubs that are drawn.
const MAX_HUBS: usize = 100;

/// Points of a line at most; more cannot be seen.
const MAX_POINTS: usize = 250;

pub(super) fn page(found: &Simulation, fleet: &str) -> String {
    let number = grouped(found.devices);
    let are = if found.devices == 1 {
        "device"
    } else {
        "devices"
    };
    let mut main =
        format!("<h1><span data-number=\"devices\">{number}</span> {are} over time</h1>\n");
    if found.interrupted {
        main.push_str("<p class=\"bad\">Interrupted: this is what was found so far.</p>\n");
    }
    let _infallible = write!(
        main,
        "<div class=\"wide\"><table>\n<tr><th scope=\"row\">tables</th><td>{}</td><td><code>{}</code>\
         </td></tr>\n<tr><th scope=\"row\">fleet</th><td colspan=\"2\">{}</td></tr>\n</table></div>\n",
        isolated(&found.tables.source),
        found.tables.revision.short(),
        isolated(fleet)
    );
    page::numbers(&mut main, numbers(found));
    section(&mut main, "Devices of each hub", &charts(found));
    section(&mut main, "Hubs", &hubs(found));
    section(&mut main, "What the fleet does not hold", &undecided(found));
    page::document(&format!("{number} {are} over time"), &main)
}

fn numbers(found: &Simulation) -> impl Iterator<Item = Number> {
    let over = found.hubs.iter().filter(|it| it.is_over()).count() as u64;
    let numbers = [
        (
            "moved",
            ["time that a device moves", "times that a device moves"],
            found.moved(),
        ),
        (
            "refused",
            [
                "time that a device is refused",
                "times that a device is refused",
            ],
            found.refused(),
        ),
        ("undecidable", ["undecidable"; 2], found.undecidable),
        (
            "over",
            ["hub over its capacity", "hubs over their capacity"],
            over,
        ),
        ("faults", NOT_DEVICES, found.faults),
        ("repeated", CAME_BEFORE, found.repeated),
    ];
    numbers.into_iter().map(|(name, words, count)| Number {
        name,
        words,
        count,
        is_bad: name == "over",
    })
}

/// A chart of each hub, all to the same scale.
fn charts(found: &Simulation) -> String {
    let most = found.hubs.iter().map(HubOverTime::most).max();
    let Some(most) = most.filter(|most| *most > 0) else {
        return String::new();
    };
    let near = found.hubs.iter().filter_map(|it| it.capacity);
    // A capacity that is far away would leave no room for the rest.
    let near = near.filter(|it| *it <= most * 3 / 2).max();
    let top = near.unwrap_or(0).max(most);
    let (Some(first), Some(last)) = (found.moments.first(), found.moments.last()) else {
        return String::new();
    };
    let mut html = format!(
        "<p>From {} to {}; the top of each chart is {}.</p>\n<div class=\"hubs\">\n",
        date(first.at),
        date(last.at),
        counted(top, "device")
    );
    for hub in found.hubs.iter().take(MAX_HUBS) {
        let _infallible = write!(
            html,
            "<figure data-hub=\"{}\"><figcaption>{}{}</figcaption>\n{}\n</figure>\n",
            escape(&hub.hub),
            isolated(&short(&hub.hub)),
            caption(hub),
            svg(hub, top, &found.moments)
        );
    }
    html.push_str("</div>\n");
    if let more @ 1.. = found.hubs.len().saturating_sub(MAX_HUBS) {
        let _infallible = writeln!(
            html,
            "<p>{} in --json.</p>",
            counted_as(more as u64, "more hub is", "more hubs are")
        );
    }
    html
}

/// `162 to 126, at most 162 devices`, and what of it matters.
fn caption(hub: &HubOverTime) -> String {
    let count = |count: Option<&u64>| grouped(count.copied().unwrap_or(0));
    let mut caption = format!(
        "<small>{} to {}, at most {}</small>",
        count(hub.devices.first()),
        count(hub.devices.last()),
        counted(hub.most(), "device")
    );
    if let Some(capacity) = hub.capacity {
        let class = if hub.is_over() { " class=\"bad\"" } else { "" };
        let _infallible = write!(caption, "<small{class}>");
        let full = hub.full_from.map(date);
        let full = full.map_or(String::new(), |full| format!(", full from {full}"));
        let _infallible = write!(caption, "capacity {}{full}</small>", grouped(capacity));
    }
    if let Some(empty) = hub.empty_from {
        let _infallible = write!(caption, "<small>empty from {}</small>", date(empty));
    }
    caption
}

/// The line of a hub; dashed above it, how many devices it may have.
fn svg(hub: &HubOverTime, top: u64, moments: &[Moment]) -> String {
    let last = moments.len().saturating_sub(1);
    let step = moments.len().div_ceil(MAX_POINTS).max(1);
    let drawn = (0..moments.len()).filter(|at| at % step == 0 || *at == last);
    let mut line = String::new();
    for at in drawn {
        let devices = hub.devices.get(at).copied().unwrap_or(0);
        let x = of_hundred(at as u64, last as u64);
        let y = of_hundred(top.saturating_sub(devices), top);
        let _infallible = write!(line, "{}{x} {y}", if at == 0 { "M" } else { "L" });
    }
    let capacity = hub.capacity.filter(|it| *it <= top).map(|capacity| {
        let y = of_hundred(top - capacity, top);
        format!("<path class=\"capacity\" vector-effect=\"non-scaling-stroke\" d=\"M0 {y}H100\"/>")
    });
    format!(
        "<svg viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"devices \
         over time\"><path class=\"area\" d=\"{line}V100H0z\"/><path class=\"line\" \
         vector-effect=\"non-scaling-stroke\" d=\"{line}\"/>{}</svg>",
        capacity.unwrap_or_default()
    )
}

fn hubs(found: &Simulation) -> String {
    let headings = [
        "hub",
        "first",
        "last",
        "most",
        "capacity",
        "full from",
        "empty from",
    ];
    let rows = found.hubs.iter().map(|it| {
        let count = |count: Option<&u64>| grouped(count.copied().unwrap_or(0));
        [
            short(&it.hub),
            count(it.devices.first()),
            count(it.devices.last()),
            grouped(it.most()),
            it.capacity.map(grouped).unwrap_or_default(),
            it.full_from.map(date).unwrap_or_default(),
            it.empty_from.map(date).unwrap_or_default(),
        ]
    });
    page::table(&headings, rows)
}

fn undecided(found: &Simulation) -> String {
    let rows = found.undecided.iter();
    let rows = rows.map(|(asked, devices)| [asked.clone(), grouped(*devices)]);
    page::table(&["read by", "devices"], rows)
}
