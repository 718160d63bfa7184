//! A simulation for people: a few of its moments.

use std::fmt::Write as _;

use dps_fleet::simulate::{HubOverTime, Simulation};

use crate::grid::grid;
use crate::output::one_line;

/// Moments that are shown.
const SHOWN: usize = 4;

/// Left out of host names: nearly all end with it.
const PUBLIC_CLOUD: &str = ".azure-devices.net";

pub(super) fn text(found: &Simulation, fleet: &str, width: usize) -> String {
    let moved: u64 = found.moments.iter().map(|it| it.moved).sum();
    let refused: u64 = found.moments.iter().map(|it| it.refused).sum();
    let mut text = format!(
        "{} devices, moved {moved} times, refused {refused} times, undecidable {}\n\n",
        found.devices, found.undecidable
    );
    let tables = &found.tables;
    let line = format!("{}, revision {}", tables.source, tables.revision.short());
    let _infallible = writeln!(text, "tables  {}", one_line(&line));
    let _infallible = writeln!(text, "fleet   {}", one_line(fleet));
    if let Some(fault) = &found.first_fault {
        let line = format!("{}, line {}: {}", fault.file, fault.line, fault.rule);
        let _infallible = writeln!(
            text,
            "        {} lines that are no devices, the first: {}",
            found.faults,
            one_line(&line)
        );
    }
    if found.repeated > 0 {
        let _infallible = writeln!(
            text,
            "        {} lines whose ids came before",
            found.repeated
        );
    }
    for (asked, devices) in &found.undecided {
        let _infallible = writeln!(text, "        {devices} undecidable: {}", one_line(asked));
    }
    text.push('\n');
    let moments = shown(found.moments.len());
    let dates = moments.map(|at| match found.moments.get(at) {
        Some(moment) => date(&moment.at.to_string()),
        None => String::new(),
    });
    let [start, early, late, end] = &dates;
    let rows: Vec<_> = found.hubs.iter().map(|hub| row(hub, moments)).collect();
    text + &grid(
        Some(["HUB", start, early, late, end, "EMPTY FROM"]),
        &rows,
        width,
    )
}

/// The first moment, the last one, and some between, of so many.
fn shown(count: usize) -> [usize; SHOWN] {
    std::array::from_fn(|number| count.saturating_sub(1) * number / (SHOWN - 1))
}

fn row(hub: &HubOverTime, moments: [usize; SHOWN]) -> [String; SHOWN + 2] {
    let [start, early, late, end] =
        moments.map(|at| hub.devices.get(at).map_or_else(String::new, u64::to_string));
    let name = hub.hub.strip_suffix(PUBLIC_CLOUD).unwrap_or(&hub.hub);
    let empty = hub.empty_from.map(|at| date(&at.to_string()));
    [
        name.to_owned(),
        start,
        early,
        late,
        end,
        empty.unwrap_or_default(),
    ]
}

/// `2026-12-01T05:36`, without the time at midnight.
fn date(time: &str) -> String {
    let minutes = time.get(..16).unwrap_or(time);
    minutes.strip_suffix("T00:00").unwrap_or(minutes).to_owned()
}
