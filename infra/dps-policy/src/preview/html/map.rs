//! A map of the regions: a circle for each, an outline for before and filled for after.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dps_allocation::geo::Point;
use dps_fleet::preview::Preview;

use super::draw::{escape, grouped, scaled};

/// Radius of the largest region, in degrees.
const LARGEST: u64 = 12;

pub(super) fn svg(found: &Preview) -> String {
    let mut regions: BTreeMap<&str, (Point, u64, u64)> = BTreeMap::new();
    for hub in &found.load {
        let Some(region) = hub.region.as_deref() else {
            continue;
        };
        let Some(point) = Point::parse(region) else {
            continue;
        };
        let (_, before, after) = regions.entry(region).or_insert((point, 0, 0));
        *before += hub.before;
        *after += hub.after;
    }
    let most = regions
        .values()
        .map(|(_, before, after)| *before.max(after))
        .max();
    let Some(most) = most.filter(|most| *most > 0) else {
        return String::new();
    };
    let mut svg = String::from(
        "<svg viewBox=\"-190 -80 400 150\" role=\"img\" aria-label=\"map of the regions\">\n\
         <rect class=\"frame\" x=\"-190\" y=\"-80\" width=\"400\" height=\"150\"/>\n\
         <path class=\"frame\" stroke-dasharray=\"2 3\" d=\"M-190 0H210M0 -80V70\"/>\n",
    );
    for (number, (region, (point, before, after))) in (0u8..).zip(&regions) {
        let (latitude, longitude) = point.degrees();
        let (x, y) = (longitude, -latitude);
        let (outline, filled) = (
            scaled(*before, most, LARGEST),
            scaled(*after, most, LARGEST),
        );
        // Neighbours have their names above and below.
        let radius = f64::from(u8::try_from(outline.max(filled)).unwrap_or(u8::MAX));
        let text = if number.is_multiple_of(2) {
            y - radius - 2.0
        } else {
            y + radius + 5.0
        };
        let _infallible = writeln!(
            svg,
            "<g data-region=\"{}\" data-before=\"{before}\" data-after=\"{after}\">\
             <circle class=\"after\" fill-opacity=\".6\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{filled}\"/>\
             <circle class=\"before\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{outline}\"/>\
             <text style=\"font-size:4px\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{text:.1}\">{} \
             {} to {}</text></g>",
            escape(region),
            escape(region),
            grouped(*before),
            grouped(*after),
        );
    }
    svg.push_str("</svg>\n");
    svg
}
