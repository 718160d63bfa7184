//! Flows between hubs: as thick as they are large, with their numbers.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use dps_fleet::preview::{Change, Group, Preview};

use crate::output::counted_as;
use crate::page::{escape, grouped, isolated, scaled};
use crate::screen::short;

/// Flows that are drawn; the rest is in the table.
const MAX_FLOWS: usize = 24;

/// Pixels of the largest flow.
const THICKEST: u64 = 22;

/// Devices that go from one hub to another.
#[derive(Clone, Copy)]
struct Flow<'h> {
    from: &'h str,
    to: &'h str,
    devices: u64,
}

pub(super) fn html(found: &Preview) -> String {
    let mut all: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for Group { effect, ids, .. } in &found.groups {
        if effect.change == Change::Moved {
            *all.entry((&effect.from, &effect.to)).or_default() += ids.devices;
        }
    }
    let flows = all
        .into_iter()
        .map(|((from, to), devices)| Flow { from, to, devices });
    let mut flows: Vec<Flow<'_>> = flows.collect();
    flows.sort_by_key(|flow| Reverse(flow.devices));
    let left_out = flows.len().saturating_sub(MAX_FLOWS);
    flows.truncate(MAX_FLOWS);
    if flows.is_empty() {
        return String::new();
    }
    let from = places(flows.iter().map(|flow| flow.from));
    let to = places(flows.iter().map(|flow| flow.to));
    let mut html = format!(
        "<div class=\"flows\">\n{}<div class=\"drawn\">{}</div>\n{}</div>\n",
        names(
            &from,
            |hub| flows.iter().filter(move |it| it.from == hub),
            None
        ),
        svg(&flows, &from, &to),
        names(
            &to,
            |hub| flows.iter().filter(move |it| it.to == hub),
            Some(from.len())
        ),
    );
    if left_out > 0 {
        let _infallible = writeln!(
            html,
            "<p>{} in --json.</p>",
            counted_as(left_out as u64, "smaller flow is", "smaller flows are")
        );
    }
    html
}

/// The hubs in the order in which they come.
fn places<'h>(hubs: impl Iterator<Item = &'h str>) -> Vec<&'h str> {
    let mut places = Vec::new();
    for hub in hubs {
        if !places.contains(&hub) {
            places.push(hub);
        }
    }
    places
}

/// A column of hubs with their devices; and, of several `sources`, where these are from.
fn names<'f, 'h: 'f, I: Iterator<Item = &'f Flow<'h>>>(
    hubs: &[&'h str],
    of: impl Fn(&'h str) -> I,
    sources: Option<usize>,
) -> String {
    let mut list = String::from("<ul>\n");
    for hub in hubs {
        let devices = of(hub).map(|flow| flow.devices).sum();
        let _infallible = write!(
            list,
            "<li>{} <b>{}</b>",
            isolated(&short(hub)),
            grouped(devices)
        );
        if sources.is_some_and(|sources| sources > 1) {
            let parts = of(hub).map(|flow| {
                let from = isolated(&short(flow.from));
                format!("{} from {from}", grouped(flow.devices))
            });
            let parts = parts.collect::<Vec<_>>().join(", ");
            let _infallible = write!(list, "<small>{parts}</small>");
        }
        list.push_str("</li>\n");
    }
    list + "</ul>\n"
}

/// The flows between two columns whose rows are equally high.
fn svg(flows: &[Flow<'_>], from: &[&str], to: &[&str]) -> String {
    let mut svg = String::from(
        "<svg viewBox=\"0 0 100 10000\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"flows between hubs\">\n",
    );
    let most = flows.first().map_or(0, |flow| flow.devices);
    let middle = |hubs: &[&str], hub: &str| {
        let row = hubs.iter().position(|it| *it == hub).unwrap_or_default();
        (2 * row + 1) * 5000 / hubs.len().max(1)
    };
    for flow in flows {
        let (start, end) = (middle(from, flow.from), middle(to, flow.to));
        let _infallible = writeln!(
            svg,
            "<path class=\"flow\" data-from=\"{}\" data-to=\"{}\" data-devices=\"{}\" \
             stroke-width=\"{}\" vector-effect=\"non-scaling-stroke\" d=\"M0 {start}C50 {start} 50 {end} \
             100 {end}\"><title>{} to {}: {}</title></path>",
            escape(flow.from),
            escape(flow.to),
            flow.devices,
            scaled(flow.devices, most, THICKEST),
            escape(&short(flow.from)),
            escape(&short(flow.to)),
            grouped(flow.devices),
        );
    }
    svg + "</svg>"
}
