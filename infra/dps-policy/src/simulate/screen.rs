//! A simulation for people: a few of its moments.

use std::fmt::Write as _;

use dps_fleet::simulate::{Measured, Simulation};
use jiff::SignedDuration;

use super::when::date;
use crate::grid::{fits, grid_of};
use crate::output::{counted, counted_as, one_line};
use crate::screen::{self, short};

/// Moments that are shown if there is room for them, and if there is not.
const MOST_SHOWN: usize = 4;
const LEAST_SHOWN: usize = 2;

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
    let about = if measured.is_estimate { "about " } else { "" };
    format!(
        "{} of {about}{} in {}: half register every {} or more often, the first tenth every {}, \
         the last every {}; {about}{} once",
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
    let count = found.moments.len();
    let tables = (LEAST_SHOWN..=MOST_SHOWN).rev();
    let mut tables = tables.map(|number| columns(found, &shown(number, count)));
    // Fewer moments rather than dates that are broken.
    let fits = |(headings, rows): &(Vec<String>, Vec<Vec<String>>)| fits(headings, rows, width);
    let fitting = tables.clone().find(fits);
    let Some((headings, rows)) = fitting.or_else(|| tables.next_back()) else {
        return String::new();
    };
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let rows: Vec<&[String]> = rows.iter().map(Vec::as_slice).collect();
    grid_of(Some(&headings), &rows, width)
}

/// Headings and rows with these moments.
fn columns(found: &Simulation, moments: &[usize]) -> (Vec<String>, Vec<Vec<String>>) {
    let dates = moments.iter().map(|at| found.moments.get(*at));
    let dates = dates.map(|it| it.map(|moment| date(moment.at)).unwrap_or_default());
    let has_capacity = found.hubs.iter().any(|hub| hub.capacity.is_some());
    let last: &[&str] = if has_capacity {
        &["EMPTY FROM", "CAPACITY", "FULL FROM"]
    } else {
        &["EMPTY FROM"]
    };
    let mut headings = vec!["HUB".to_owned()];
    headings.extend(dates);
    headings.extend(last.iter().map(|it| (*it).to_owned()));
    let rows = found.hubs.iter().map(|hub| {
        let mut row = vec![short(&hub.hub)];
        let devices = moments.iter().map(|at| hub.devices.get(*at));
        row.extend(devices.map(|it| it.map_or_else(String::new, u64::to_string)));
        row.push(hub.empty_from.map(date).unwrap_or_default());
        if has_capacity {
            let capacity = hub.capacity.map(|it| it.to_string());
            row.push(capacity.unwrap_or_default());
            row.push(hub.full_from.map(date).unwrap_or_default());
        }
        row
    });
    (headings, rows.collect())
}

/// The first moment, the last one, and those between that make so many, of all.
fn shown(number: usize, count: usize) -> Vec<usize> {
    let last = count.saturating_sub(1);
    (0..number).map(|at| last * at / (number - 1)).collect()
}
