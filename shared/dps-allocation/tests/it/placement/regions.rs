//! Points on earth and the estimate of round trips between them.

use dps_allocation::geo::{Point, estimate_ms};
use proptest::prelude::*;

fn point(text: &str) -> Point {
    Point::parse(text).unwrap()
}

#[test]
fn a_region_is_found_however_it_is_written() {
    for text in [
        "West Europe",
        "WESTEUROPE",
        "west-europe",
        "west_europe",
        " westeurope ",
    ] {
        assert_eq!(Point::parse(text), Some(point("westeurope")), "{text}");
    }
    assert_ne!(point("East US"), point("East US 2"));
}

#[test]
fn coordinates_are_read() {
    assert_eq!(point("52.37,4.9"), point("West Europe"));
    assert_eq!(point(" +52.370 , 4.90 "), point("West Europe"));
    for text in ["90,180", "-90,-180", "0,0", "-33.87,151.21", "5.,.5"] {
        assert!(Point::parse(text).is_some(), "{text}");
    }
}

#[test]
fn texts_that_are_not_points_are_none() {
    for text in [
        "",
        " ",
        ",",
        "westeurope2",
        "europe",
        "west europe,",
        "52.37",
        "52.37;4.9",
        "1,2,3",
        "90.001,0",
        "-90.001,0",
        "0,180.001",
        "0,-180.001",
        "NaN,0",
        "0,inf",
        "1e1,0",
        "0x1,0",
        "52,37,4,90",
        "1 2,3",
        "٣,٤",
    ] {
        assert_eq!(Point::parse(text), None, "{text}");
    }
}

/// The region's name is one of the public list, and its city is where it should be.
#[track_caller]
fn check(a: &str, b: &str, expected_ms: u32) {
    assert_eq!(estimate_ms(&point(a), &point(b)), expected_ms, "{a} to {b}");
    assert_eq!(estimate_ms(&point(b), &point(a)), expected_ms, "{b} to {a}");
}

/// Great-circle distances from geometry, not from our own formula: a quarter of a meridian
/// (10,007.5 km), half of the equator (20,015.1 km), one degree (111.19 km).
#[test]
fn distances_are_those_of_a_sphere() {
    check("0,0", "90,0", 155);
    check("0,0", "0,180", 305);
    check("90,0", "-90,77", 305);
    check("0,0", "0,1", 7);
    check("0,179.5", "0,-179.5", 7);
    check("12.3,45.6", "12.3,45.6", 5);
    // London to Paris is 344 km, Sydney to Melbourne 713 km, New York to Tokyo 10,850 km.
    check("51.5074,-0.1278", "48.8566,2.3522", 10);
    check("-33.8688,151.2093", "-37.8136,144.9631", 16);
    check("40.7128,-74.0060", "35.6762,139.6503", 168);
}

/// Round trips Microsoft published for July 2025, in ms:
/// <https://learn.microsoft.com/azure/networking/azure-network-latency>
#[test]
fn estimates_are_near_the_published_round_trips() {
    for (a, b, published) in [
        ("westeurope", "northeurope", 18),
        ("westeurope", "germanywestcentral", 14),
        ("westeurope", "eastus", 85),
        ("westeurope", "southeastasia", 161),
        ("westeurope", "polandcentral", 23),
        ("northeurope", "italynorth", 36),
        ("eastus", "westus", 71),
        ("eastus", "canadacentral", 20),
        ("eastus", "brazilsouth", 117),
        ("uaenorth", "centralindia", 40),
        ("southeastasia", "australiaeast", 94),
        ("southeastasia", "eastasia", 36),
        ("japaneast", "koreacentral", 29),
        ("japaneast", "japanwest", 12),
        ("australiaeast", "newzealandnorth", 28),
    ] {
        let off = estimate_ms(&point(a), &point(b)).abs_diff(published);
        assert!(
            off * 4 <= published + 8,
            "{a} to {b}: {off} ms off {published} ms"
        );
    }
}

proptest! {
    #[test]
    fn an_estimate_is_symmetric_and_bounded(
        (a, b) in ((-90_000..=90_000, -180_000..=180_000), (-90_000..=90_000, -180_000..=180_000)),
    ) {
        let point = |(lat, lon): (i32, i32)| {
            point(&format!("{},{}", f64::from(lat) / 1000.0, f64::from(lon) / 1000.0))
        };
        let (a, b) = (point(a), point(b));
        let ms = estimate_ms(&a, &b);
        prop_assert_eq!(ms, estimate_ms(&b, &a));
        prop_assert!((5..=305).contains(&ms));
        prop_assert_eq!(estimate_ms(&a, &a), 5);
    }

    #[test]
    fn no_text_panics(text in ".{0,20},?[-+.0-9a-z]{0,20}") {
        let _ = Point::parse(&text);
    }
}
