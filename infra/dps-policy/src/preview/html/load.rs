//! Load per hub: an outline for before, a filled bar for after.

use std::fmt::Write as _;

use dps_fleet::preview::{HubLoad, Preview};

use super::draw::{escape, grouped, scaled, short};

/// Hubs that are drawn.
const MAX_HUBS: usize = 50;

/// Where bars begin, how long they are, and the height of a hub.
const LEFT: u64 = 260;
const LENGTH: u64 = 480;
const HEIGHT: u64 = 40;

pub(super) fn svg(found: &Preview) -> String {
    let used = |it: &&HubLoad| it.before + it.after > 0 || it.weight.is_some();
    let hubs: Vec<&HubLoad> = found.load.iter().filter(used).take(MAX_HUBS).collect();
    let most = hubs.iter().map(|it| it.before.max(it.after)).max();
    let Some(most) = most.filter(|most| *most > 0) else {
        return String::new();
    };
    let height = HEIGHT * hubs.len() as u64;
    let mut svg = format!(
        "<svg viewBox=\"0 0 960 {height}\" role=\"img\" aria-label=\"devices of each hub before and \
         after\">\n"
    );
    for (number, hub) in (0..).zip(hubs) {
        let top = number * HEIGHT;
        let name = escape(short(&hub.hub));
        let weight = hub
            .weight
            .map_or("no row".to_owned(), |it| format!("weight {it}"));
        let state = hub.state.as_deref().filter(|it| *it != "open");
        let state = state.map(|it| format!(", {it}")).unwrap_or_default();
        let (before, after) = (
            scaled(hub.before, most, LENGTH),
            scaled(hub.after, most, LENGTH),
        );
        let _infallible = writeln!(
            svg,
            "<g data-hub=\"{}\" data-before=\"{}\" data-after=\"{}\">\
             <text x=\"0\" y=\"{}\">{name}</text>\
             <text class=\"dim\" x=\"0\" y=\"{}\">{}</text>\
             <rect class=\"before\" x=\"{LEFT}\" y=\"{}\" width=\"{before}\" height=\"12\"/>\
             <rect class=\"after\" x=\"{LEFT}\" y=\"{}\" width=\"{after}\" height=\"12\"/>\
             <text x=\"{}\" y=\"{}\">before {}</text>\
             <text x=\"{}\" y=\"{}\">after {}</text></g>",
            escape(&hub.hub),
            hub.before,
            hub.after,
            top + 15,
            top + 30,
            escape(&format!("{weight}{state}")),
            top + 5,
            top + 20,
            LEFT + before + 6,
            top + 15,
            grouped(hub.before),
            LEFT + after + 6,
            top + 30,
            grouped(hub.after),
        );
    }
    svg.push_str("</svg>\n");
    svg
}
