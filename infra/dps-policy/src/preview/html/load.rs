//! Load per hub: an outline for before, a filled bar for after.

use std::fmt::Write as _;

use dps_fleet::preview::{HubLoad, Preview};

use crate::output::counted_as;
use crate::page::{escape, grouped, isolated, of_hundred};
use crate::screen::short;

/// Hubs that are drawn.
const MAX_HUBS: usize = 50;

pub(super) fn html(found: &Preview) -> String {
    let used = |it: &&HubLoad| it.before + it.after > 0 || it.weight.is_some();
    let hubs: Vec<&HubLoad> = found.load.iter().filter(used).collect();
    let most = hubs.iter().map(|it| it.before.max(it.after)).max();
    let Some(most) = most.filter(|most| *most > 0) else {
        return String::new();
    };
    let mut html = String::from("<div class=\"bars\">\n");
    for hub in hubs.iter().take(MAX_HUBS) {
        let weight = hub
            .weight
            .map_or("no row".to_owned(), |it| format!("weight {it}"));
        let state = hub.state.as_deref().filter(|it| *it != "open");
        let state = state.map(|it| format!(", {it}")).unwrap_or_default();
        let (before, after) = (grouped(hub.before), grouped(hub.after));
        let _infallible = writeln!(
            html,
            "<div data-hub=\"{}\" data-before=\"{}\" data-after=\"{}\"><div>{} <small>{}</small></div>\
             <svg role=\"img\" aria-label=\"before {before}, after {after}\">\
             <rect class=\"before\" y=\"3\" width=\"{}%\" height=\"11\"/>\
             <rect class=\"after\" y=\"20\" width=\"{}%\" height=\"12\"/></svg>\
             <div>before {before}<br>after {after}</div></div>",
            escape(&hub.hub),
            hub.before,
            hub.after,
            isolated(&short(&hub.hub)),
            escape(&format!("{weight}{state}")),
            of_hundred(hub.before, most),
            of_hundred(hub.after, most),
        );
    }
    html.push_str("</div>\n");
    if let more @ 1.. = hubs.len().saturating_sub(MAX_HUBS) {
        let _infallible = writeln!(
            html,
            "<p>{} in --json.</p>",
            counted_as(more as u64, "more hub is", "more hubs are")
        );
    }
    html
}
