//! Locations that nothing understands, in every column that holds one.

use crate::fleet::{findings, policy};

/// The findings of a policy with the cell in each column that holds a location, without their places.
fn of_each_column(location: &str) -> Vec<String> {
    let fleet = |region: &str, enrollment: &str, measured: &str, device: &str| {
        format!(
            "hubs: region\n a.net | westeurope\n b.net | {region}\n enrollments: tenants location deviceRows\n \
             group | acme | {enrollment} | optional\n tenants: placement\n acme | latency\n \
             latency: milliseconds\n eu-west/westeurope | 5\n {measured}/westeurope | 6\n \
             devices: location\n d | {device}"
        )
    };
    [
        fleet(location, "-", "us-east", "-"),
        fleet("-", location, "us-east", "-"),
        fleet("-", "-", "us-east", location),
        fleet("-", "-", location, "-"),
    ]
    .map(|tables| findings(&tables))
    .to_vec()
}

#[track_caller]
fn each(location: &str, expected: &[&str]) {
    for findings in of_each_column(location) {
        assert_eq!(findings.lines().count(), 1, "{location}: {findings}");
        assert!(
            expected.iter().all(|part| findings.contains(part)),
            "{location}: {findings}"
        );
    }
}

#[test]
fn coordinates_that_are_malformed_or_impossible_are_errors() {
    for malformed in [
        "52.5;13.4",
        "52,5,13,4",
        "52.5 13.4",
        "52.5N,13.4E",
        "52.5°, 13.4°",
        "1e1,0",
        "52.37,",
    ] {
        each(
            malformed,
            &[
                "error: ",
                &format!("`{malformed}` is not `latitude,longitude`"),
                "such as 52.52,13.4",
            ],
        );
    }
    for nowhere in ["91,181", "-1000,0", "0,180.001"] {
        each(
            nowhere,
            &["error: ", "is not a place: latitudes are from -90 to 90"],
        );
    }
    each(
        "139.77,35.68",
        &[
            "error: ",
            "is not a place: it looks like longitude,latitude",
        ],
    );
}

#[test]
fn coordinates_that_are_clearly_swapped_are_warnings() {
    // Berlin, New York, London, Sao Paulo.
    for (swapped, right) in [
        ("13.4,52.52", "52.52,13.4"),
        ("-74,40.7", "40.7,-74"),
        ("-0.13,51.5", "51.5,-0.13"),
    ] {
        each(
            swapped,
            &[
                "warning: ",
                "looks like longitude,latitude",
                &format!("write {right} if"),
            ],
        );
    }
}

/// The policy has no finding, in any column.
#[track_caller]
fn good(location: &str) {
    for findings in of_each_column(location) {
        assert_eq!(findings, "", "{location}");
    }
}

#[test]
fn places_where_devices_are_have_no_finding() {
    // Berlin, Nairobi, Mogadishu, Reykjavik, Ushuaia, McMurdo, Sydney, Anchorage.
    for place in [
        "52.52,13.4",
        "-1.29,36.82",
        "2.04,45.34",
        "64.1,-21.9",
        "-54.8,-68.3",
        "-77.8,166.7",
        "-33.9,151.2",
        "61.2,-149.9",
        "0,0",
        "North Europe",
        "east-us-2",
    ] {
        good(place);
    }
}

#[test]
fn unknown_locations_are_warnings_with_a_suggestion() {
    let check = |location: &str, meant: &str| {
        // A location of latency is a word of the operator's.
        for findings in &of_each_column(location)[..3] {
            assert_eq!(findings.lines().count(), 1, "{findings}");
            let unknown = format!("`{location}` is an unknown location");
            assert!(
                findings.starts_with("warning: ") && findings.contains(&unknown),
                "{findings}"
            );
            let suggestion = findings
                .split_once("did you mean `")
                .map_or("", |(_, rest)| rest);
            assert_eq!(suggestion.split('`').next(), Some(meant), "{findings}");
        }
    };
    check("westeurop", "westeurope");
    check("wset-europe", "westeurope");
    check("northeurop", "northeurope");
    check("moonbase", "");
    check("berlin,de", "");
    let places = of_each_column("eu-wst");
    assert!(places[1].contains("did you mean `eu-west`?"), "{places:?}");
    assert!(places[2].contains("did you mean `eu-west`?"), "{places:?}");
}

#[test]
fn locations_of_the_latency_table_are_known() {
    let tables = "hubs: region\n a.net | moonbase\n enrollments: tenants location\n group | acme | hall-7\n \
                  tenants: placement\n acme | latency\n latency: milliseconds\n hall-7/moonbase | 5\n \
                  berlin,de/moonbase | 7";
    assert_eq!(findings(tables), "");
    policy(tables);
}

#[test]
fn a_latency_row_names_a_region_of_a_hub() {
    let tables = "hubs: region\n a.net | westeurope\n enrollments: tenants\n group | acme\n tenants: placement\n \
                  acme | latency\n latency: milliseconds\n here/west-europ | 5";
    let findings = findings(tables);
    assert!(
        findings.contains("no hub is in the region `west-europ`; did you mean `westeurope`?"),
        "{findings}"
    );
}

#[test]
fn a_million_devices_do_not_make_a_million_findings() {
    let rows: Vec<String> = (0..100).map(|n| format!("d-{n} | place-{n}")).collect();
    let tables = format!(
        "hubs: region\n a.net | westeurope\n enrollments: tenants deviceRows\n group | acme | optional\n \
         tenants: placement\n acme | latency\n devices: location\n{}",
        rows.join("\n")
    );
    let findings = findings(&tables);
    assert_eq!(findings.lines().count(), 21, "{findings}");
    assert!(
        findings.contains("further locations look wrong too"),
        "{findings}"
    );
}

/// Rows of `latency` from a place; the findings.
fn measured_from(location: &str, enrollment: &str) -> String {
    findings(&format!(
        "hubs: region\n a.net | westeurope\n enrollments: tenants location\n group | acme | \
         {enrollment}\n tenants: placement\n acme | latency\n latency: milliseconds\n \
         {location}/westeurope | 5"
    ))
}

#[test]
fn a_measured_place_that_is_nearly_a_region_is_reported() {
    for (location, meant) in [
        ("westeurop", "westeurope"),
        ("eastus4", "eastus"),
        ("germanywestcental", "germanywestcentral"),
    ] {
        let findings = measured_from(location, "-");
        assert!(
            findings.contains(&format!(
                "warning: latency {location}/westeurope, line 8, column PartitionKey: `{location}` \
                 is not the name of a public Azure region; did you mean `{meant}"
            )),
            "{findings}"
        );
    }
    // A name of the operator's own, and one that looks like a region and is meant.
    for (location, enrollment) in [
        ("berlin-plant-1", "-"),
        ("westeurope", "-"),
        ("52.5,13.4", "-"),
        ("westeurop", "westeurop"),
    ] {
        assert_eq!(measured_from(location, enrollment), "", "{location}");
    }
}
