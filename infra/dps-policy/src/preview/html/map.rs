//! A map of the regions: a circle for each, an outline for before and filled for after, and a
//! number that the table below explains.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dps_allocation::geo::Point;
use dps_fleet::preview::Preview;

use super::land::LAND;
use super::spread::{Area, place};
use crate::page::{self, escape, grouped, scaled};

/// Regions that are drawn and listed.
const MAX_REGIONS: usize = 60;

/// Radius of the largest region, in degrees.
const LARGEST: f64 = 12.0;

/// What of the world is shown, in degrees: no hub is farther north or south.
const FRAME: Area = Area {
    x: 5.0,
    y: -10.0,
    half: (185.0, 68.0),
};

/// Of a digit, in degrees.
const DIGIT: (f64, f64) = (3.2, 5.0);

/// A number that is farther from its circle has a line to it, in degrees.
const LEADER: f64 = 8.0;

/// A region with its devices.
#[derive(Clone, Copy)]
struct Region<'p> {
    name: &'p str,
    point: Point,
    before: u64,
    after: u64,
}

pub(super) fn html(found: &Preview) -> String {
    let mut regions: BTreeMap<&str, Region<'_>> = BTreeMap::new();
    for hub in &found.load {
        let Some(name) = hub.region.as_deref() else {
            continue;
        };
        let Some(point) = Point::parse(name) else {
            continue;
        };
        let region = regions.entry(name).or_insert(Region {
            name,
            point,
            before: 0,
            after: 0,
        });
        region.before += hub.before;
        region.after += hub.after;
    }
    let regions = regions.into_values().filter(|it| it.before + it.after > 0);
    let mut regions: Vec<Region<'_>> = regions.collect();
    // Large circles first, so that small ones lie on them.
    regions.sort_by_key(|it| std::cmp::Reverse(it.before.max(it.after)));
    regions.truncate(MAX_REGIONS);
    let Some(most) = regions.first().map(|it| it.before.max(it.after)) else {
        return String::new();
    };
    let rows = (1..).zip(&regions).map(|(number, it): (u32, _)| {
        [
            number.to_string(),
            it.name.to_owned(),
            grouped(it.before),
            grouped(it.after),
        ]
    });
    let table = page::table(&["", "region", "before", "after"], rows);
    format!("<div class=\"wide\">{}</div>\n{table}", svg(&regions, most))
}

fn svg(regions: &[Region<'_>], most: u64) -> String {
    let (left, top) = (FRAME.x - FRAME.half.0, FRAME.y - FRAME.half.1);
    let (width, height) = (FRAME.half.0 * 2.0, FRAME.half.1 * 2.0);
    let mut svg = format!(
        "<svg class=\"map\" viewBox=\"{left} {top} {width} {height}\" role=\"img\" aria-label=\"map of \
         the regions\">\n<path class=\"land\" d=\"{LAND}\"/>\n\
         <rect class=\"frame\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/>\n"
    );
    let circles: Vec<Area> = regions.iter().map(|it| circle(it, most)).collect();
    let mut taken = circles.clone();
    let mut labels = String::new();
    for ((number, region), circle) in (1u32..).zip(regions).zip(&circles) {
        let Area { x, y, .. } = circle;
        let _infallible = writeln!(
            svg,
            "<g data-region=\"{}\" data-before=\"{}\" data-after=\"{}\"><title>{}</title>\
             <circle class=\"after\" fill-opacity=\".6\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\"/>\
             <circle class=\"before\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\"/></g>",
            escape(region.name),
            region.before,
            region.after,
            escape(region.name),
            radius(region.after, most),
            radius(region.before, most),
        );
        let text = number.to_string();
        let (wide, high) = DIGIT;
        let half = (wide * if number > 9 { 2.0 } else { 1.0 }, high);
        let Some(label) = place(circle, half, &FRAME, &taken) else {
            continue;
        };
        taken.push(label);
        let Area { x: at, y: line, .. } = label;
        if (at - x).hypot(line - y) > circle.half.0 + LEADER {
            let _infallible = write!(
                labels,
                "<path class=\"leader\" d=\"M{x:.1} {y:.1}L{at:.1} {line:.1}\"/>"
            );
        }
        let _infallible = writeln!(labels, "<text x=\"{at:.1}\" y=\"{line:.1}\">{text}</text>");
    }
    svg + &labels + "</svg>"
}

/// The circle of a region, within the frame.
fn circle(region: &Region<'_>, most: u64) -> Area {
    let (latitude, longitude) = region.point.degrees();
    let radius = radius(region.before.max(region.after), most);
    let within =
        |at: f64, middle: f64, half: f64| at.clamp(middle - half + radius, middle + half - radius);
    Area {
        x: within(longitude, FRAME.x, FRAME.half.0),
        y: within(-latitude, FRAME.y, FRAME.half.1),
        half: (radius, radius),
    }
}

/// The radius of a circle whose area is in proportion to the devices.
fn radius(devices: u64, most: u64) -> f64 {
    let part = u32::try_from(scaled(devices, most, 10_000)).unwrap_or(10_000);
    LARGEST * (f64::from(part) / 10_000.0).sqrt()
}
