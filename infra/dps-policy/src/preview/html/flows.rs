//! Flows between hubs: as thick as they are large, with their numbers.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use dps_fleet::preview::{Change, Preview};

use super::draw::{escape, grouped, scaled, short};

/// Flows that are drawn; the rest is in the table.
const MAX_FLOWS: usize = 24;

const HEIGHT: u64 = 34;
const THICKEST: u64 = 22;

pub(super) fn svg(found: &Preview) -> String {
    let mut flows: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for group in found.groups.iter().filter(|it| it.change == Change::Moved) {
        *flows.entry((&group.from, &group.to)).or_default() += group.ids.devices;
    }
    let mut flows: Vec<((&str, &str), u64)> = flows.into_iter().collect();
    flows.sort_by_key(|(_, devices)| Reverse(*devices));
    let left_out = flows.len().saturating_sub(MAX_FLOWS);
    flows.truncate(MAX_FLOWS);
    let Some((_, most)) = flows.first().copied() else {
        return String::new();
    };
    let from = rows(flows.iter().map(|((from, _), _)| *from));
    let to = rows(flows.iter().map(|((_, to), _)| *to));
    let height = HEIGHT * from.len().max(to.len()) as u64;
    let mut svg = format!(
        "<svg viewBox=\"0 0 960 {height}\" role=\"img\" aria-label=\"flows between hubs\">\n"
    );
    for ((start, end), devices) in &flows {
        let (Some(start_row), Some(end_row)) = (from.get(start), to.get(end)) else {
            continue;
        };
        let (y1, y2) = (start_row * HEIGHT + 17, end_row * HEIGHT + 17);
        let width = scaled(*devices, most, THICKEST);
        let _infallible = writeln!(
            svg,
            "<path class=\"flow\" data-from=\"{}\" data-to=\"{}\" data-devices=\"{devices}\" \
             stroke-width=\"{width}\" d=\"M330 {y1}C480 {y1} 480 {y2} 630 {y2}\"><title>{} to {}: {}\
             </title></path>",
            escape(start),
            escape(end),
            escape(short(start)),
            escape(short(end)),
            grouped(*devices),
        );
    }
    for (rows, x, anchor, is_from) in [(&from, 322, "end", true), (&to, 638, "start", false)] {
        for (hub, row) in rows {
            let of_hub = flows.iter().filter(|((from, to), _)| {
                let end = if is_from { from } else { to };
                end == hub
            });
            let devices: u64 = of_hub.map(|(_, devices)| devices).sum();
            let _infallible = writeln!(
                svg,
                "<text x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{} {}</text>",
                row * HEIGHT + 21,
                escape(short(hub)),
                grouped(devices)
            );
        }
    }
    svg.push_str("</svg>\n");
    if left_out > 0 {
        let _infallible = writeln!(svg, "<p>{left_out} smaller flows are in the table.</p>");
    }
    svg
}

/// A row for each hub, in the order in which they come.
fn rows<'h>(hubs: impl Iterator<Item = &'h str>) -> BTreeMap<&'h str, u64> {
    let mut rows = BTreeMap::new();
    for hub in hubs {
        let next = rows.len() as u64;
        rows.entry(hub).or_insert(next);
    }
    rows
}
