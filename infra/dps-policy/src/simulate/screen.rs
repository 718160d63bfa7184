//! A simulation for people: a few of its moments.

use std::fmt::Write as _;

use dps_fleet::simulate::{HubOverTime, Measured, Simulation};
use jiff::SignedDuration;

use super::when::date;
use crate::grid::grid;
use crate::output::{counted, counted_as, one_line};
use crate::page::short;
use crate::screen;

/// Moments that are shown.
const SHOWN: usize = 4;

pub(super) fn text(
    found: &Simulation,
    fleet: &str,
    measured: Option<&Measured>,
    width: usize,
) -> String {
    let mut text = format!(
        "{}, moved {}, refused {}, undecidable {}\n\n",
        counted(found.devices, "device"),
        counted(found.moved(), "time"),
        counted(found.refused(), "time"),
        found.undecidable
    );
    let tables = &found.tables;
    let line = format!("{}, revision {}", tables.source, tables.revision.short());
    let _infallible = writeln!(text, "tables  {}", one_line(&line));
    let _infallible = writeln!(text, "fleet   {}", one_line(fleet));
    if let Some(fault) = &found.first_fault {
        let line = screen::fault(fault);
        let faults = counted_as(
            found.faults,
            "line is not a device",
            "lines are not devices",
        );
        let _infallible = writeln!(text, "        {faults}, such as {line}");
    }
    if found.repeated > 0 {
        let repeated = counted(found.repeated, "id");
        let _infallible = writeln!(text, "        {repeated} came before");
    }
    for (asked, devices) in &found.undecided {
        let _infallible = writeln!(text, "        {devices} undecidable: {}", one_line(asked));
    }
    if let Some(measured) = measured {
        let _infallible = writeln!(text, "log     {}", of_log(measured));
    }
    text.push('\n');
    text += &table(found, width);
    for hub in found.hubs.iter().filter(|it| it.is_over()) {
        let (most, may) = (hub.most(), hub.capacity.unwrap_or(0));
        let _infallible = writeln!(
            text,
            "{} passes its capacity of {may}: it has up to {}",
            short(&hub.hub),
            counted(most, "device")
        );
    }
    text
}

/// How often devices register.
fn of_log(measured: &Measured) -> String {
    let length = |seconds: i64| format!("{:#}", SignedDuration::from_secs(seconds));
    let lengths: Vec<i64> = measured.pace().seconds().collect();
    let (often, seldom) = (lengths.first(), lengths.last());
    format!(
        "{} of {} in {}: half register every {} or more often, the first tenth every {}, \
         the last every {}; {} once",
        counted(measured.registrations, "registration"),
        counted(measured.devices, "device"),
        length(measured.log_seconds),
        length(measured.pace().middle().as_secs()),
        length(often.copied().unwrap_or(0)),
        length(seldom.copied().unwrap_or(0)),
        measured.once
    )
}

fn table(found: &Simulation, width: usize) -> String {
    let moments = shown(found.moments.len());
    let dates = moments.map(|at| found.moments.get(at).map(|moment| date(moment.at)));
    let [start, early, late, end] = dates.map(Option::unwrap_or_default);
    let hubs = found.hubs.iter();
    if hubs.clone().all(|hub| hub.capacity.is_none()) {
        let rows: Vec<_> = hubs.map(|hub| row(hub, moments)).collect();
        let headings = ["HUB", &start, &early, &late, &end, "EMPTY FROM"];
        return grid(Some(headings), &rows, width);
    }
    let rows = hubs.map(|hub| {
        let [name, start, early, late, end, empty] = row(hub, moments);
        let full = hub.full_from.map(date).unwrap_or_default();
        let capacity = hub.capacity.map_or_else(String::new, |it| it.to_string());
        [name, start, early, late, end, empty, capacity, full]
    });
    let rows: Vec<_> = rows.collect();
    let last = ["EMPTY FROM", "CAPACITY", "FULL FROM"];
    let [empty, capacity, full] = last;
    let headings = ["HUB", &start, &early, &late, &end, empty, capacity, full];
    grid(Some(headings), &rows, width)
}

/// The first moment, the last one, and some between, of so many.
fn shown(count: usize) -> [usize; SHOWN] {
    std::array::from_fn(|number| count.saturating_sub(1) * number / (SHOWN - 1))
}

fn row(hub: &HubOverTime, moments: [usize; SHOWN]) -> [String; SHOWN + 2] {
    let [start, early, late, end] =
        moments.map(|at| hub.devices.get(at).map_or_else(String::new, u64::to_string));
    let empty = hub.empty_from.map(date).unwrap_or_default();
    [short(&hub.hub).to_owned(), start, early, late, end, empty]
}
