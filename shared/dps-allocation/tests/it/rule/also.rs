//! Rules with mode `also`: each that matches applies, and no other rule bypasses it.

use serde_json::{Value, json};

use crate::fleet::{Device, decided_by, findings, policy, steps, verdicts};

const FLEET: &str = "
    hubs: pools
    weu.net | eu;std
    neu.net | eu;pro
    eus.net | us;std
    new.net | us;pro
    tenants: twin
    acme | t
    beta
    enrollments: tenants
    group | acme
    beta | beta
    twins: tags
    */t | {\"by\": \"tenant\"}
    */all | {\"by\": \"all\", \"all\": 1}
    acme/own | {\"by\": \"own\", \"own\": 1}
    acme/first | {\"by\": \"first\"}
";

const COLUMNS: &str = "rules: mode when pools hub twin refuse";

fn rules(rows: &str) -> dps_allocation::Policy {
    policy(&format!("{FLEET}\n {COLUMNS}\n{rows}"))
}

/// The hub and reason that a device gets under these rules.
#[track_caller]
fn check(rows: &str, device: Device, expected: &str) {
    assert_eq!(device.decided(&rules(rows)), expected, "{rows}");
}

#[test]
fn pools_intersect() {
    let both = "*/1 | also | - | eu\n acme/2 | also | - | std";
    check(both, Device::new("a"), "weu.net weighted");
    check(
        &format!("{both}\n acme/3 | first | - | std;pro"),
        Device::new("a"),
        "weu.net weighted",
    );
    check(
        &format!("{both}\n acme/3 | first | - | us"),
        Device::new("a"),
        "noEligibleHub",
    );
    // A device leaves a hub that an also rule excludes.
    check(both, Device::new("a").on("eus.net"), "weu.net weighted");
    check(both, Device::new("a").on("weu.net"), "weu.net stay");
    // The rule of another tenant does not apply.
    let country = "*/1 | also | - | eu\n acme/2 | also | - | std\n beta/2 | also | - | pro";
    check(
        country,
        Device::new("a").through("beta"),
        "neu.net weighted",
    );
}

/// Two dimensions: ten German devices of each kind, and none is placed in the US.
#[test]
fn two_dimensions_are_combined() {
    let policy = rules(
        "*/1-de | also | payload.country == 'DE' | eu\n */2-us | also | payload.country == 'US' | us\n \
         */3-std | also | payload.sku == 'std' | std\n */4-pro | also | payload.sku == 'pro' | pro",
    );
    for (country, sku, hub) in [
        ("DE", "std", "weu.net"),
        ("DE", "pro", "neu.net"),
        ("US", "std", "eus.net"),
        ("US", "pro", "new.net"),
    ] {
        for number in 0..10 {
            let device = Device::new(&format!("d{number}"));
            let device = device.payload(json!({"country": country, "sku": sku}));
            assert_eq!(device.decided(&policy), format!("{hub} weighted"));
        }
    }
}

#[test]
fn a_fixed_hub_stays_within_the_pools_of_also_rules() {
    check(
        "*/1 | also | - | eu\n acme/2 | first | - | - | neu.net",
        Device::new("a"),
        "neu.net fixedHub",
    );
    check(
        "*/1 | also | - | eu\n acme/2 | first | - | - | eus.net",
        Device::new("a"),
        "noEligibleHub",
    );
}

#[test]
fn a_refusal_is_not_bypassed() {
    let refusal = "*/9 | also | payload.recalled == true | - | - | - | true";
    let recalled = || Device::new("a").payload(json!({"recalled": true}));
    for rest in [
        "",
        "\n acme/1 | first | - | - | - | own",
        "\n acme/1 | first | - | - | weu.net",
        "\n acme/1 | also | - | - | - | own",
        "\n */1 | first | - | eu",
    ] {
        let rows = format!("{refusal}{rest}");
        check(&rows, recalled(), "refusedByRule");
        check(&rows, recalled().on("weu.net"), "refusedByRule");
        assert_eq!(
            decided_by(&recalled().explained(&rules(&rows))),
            "rules */9"
        );
        let other = Device::new("a").payload(json!({"recalled": false}));
        assert_ne!(other.decided(&rules(&rows)), "refusedByRule", "{rest}");
    }
    // As for any refusal, a condition that fails does not admit.
    let fails = Device::new("a").payload("text");
    check(refusal, fails, "refusedByRule");
}

#[test]
fn also_rules_do_not_end_the_search() {
    check(
        "acme/1 | also | - | - | - | own\n acme/2 | first | - | - | neu.net",
        Device::new("a"),
        "neu.net fixedHub",
    );
    check(
        "*/1 | also | - | eu;us\n */2 | first | - | - | neu.net",
        Device::new("a"),
        "neu.net fixedHub",
    );
}

/// Tags after the layers, in the order in which they are merged.
#[track_caller]
fn layers(rows: &str, expected: Value) {
    let answer = Device::new("a").answered(&rules(rows));
    assert_eq!(answer[0]["tags"], expected, "{rows}");
}

#[test]
fn twins_are_layers_in_the_order_of_the_rules() {
    let all = "*/9 | also | - | - | - | all";
    let own = "acme/1 | also | - | - | - | own";
    let first = "acme/5 | first | - | - | - | first";
    layers(all, json!({"by": "all", "all": 1}));
    layers(
        &format!("{all}\n {own}"),
        json!({"by": "own", "all": 1, "own": 1}),
    );
    layers(
        &format!("{first}\n {own}\n {all}"),
        json!({"by": "first", "all": 1, "own": 1}),
    );
    // Of rules of one tenant, the order of their keys.
    layers(
        &format!("{own}\n acme/2 | also | - | - | - | all"),
        json!({"by": "all", "all": 1, "own": 1}),
    );
}

#[test]
fn the_reasons_name_each_rule_and_its_hubs() {
    let policy = rules(
        "*/1 | also | - | eu\n acme/2 | also | iotEdge | std\n acme/3 | also | - | std\n acme/4 | first | - | eu",
    );
    let explanation = Device::new("a").explained(&policy);
    let mut steps = steps(&explanation);
    steps.retain(|step| step.starts_with("rule"));
    let expected = [
        "rule: also rule 1 -> matches [rules */1]",
        "rule: also rule 2 -> `iotEdge` is false",
        "rule: also rule 3 -> matches [rules acme/3]",
        "rule: rule 4 -> matches [rules acme/4]",
    ];
    assert_eq!(steps, expected);
    let because = |hub: &str| {
        let mut hubs = explanation.hubs.iter();
        let hub = hubs.find(|known| known.hub == hub).unwrap();
        hub.because.clone()
    };
    assert_eq!(
        verdicts(&explanation),
        [
            "eus.net notInRulePools",
            "neu.net notInRulePools",
            "new.net notInRulePools",
            "weu.net chosen",
        ]
    );
    assert_eq!(
        because("eus.net"),
        "in none of the pools that the also rule `1` names"
    );
    assert_eq!(
        because("neu.net"),
        "in none of the pools that the also rule `3` names"
    );
    assert_eq!(decided_by(&explanation), "rules acme/4");
}

/// The findings about these rules.
#[track_caller]
fn finds(rows: &str, expected: &str) {
    let found = findings(&format!(
        "{FLEET}\n rules: mode when hub placement pools refuse twin\n{rows}"
    ));
    let found: Vec<&str> = found
        .lines()
        .filter(|line| line.contains(" rules "))
        .collect();
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(found, expected, "{rows}");
}

#[test]
fn only_the_first_rule_fixes_a_hub_or_the_placement() {
    let error = |column: &str| {
        format!(
            "error: rules acme/1, line 20, column {column}: a rule with mode also has no `{column}`; several such \
             rules can match, and only one can fix the hub or the placement: leave the cell empty, or \
             write mode first"
        )
    };
    finds("acme/1 | also | - | weu.net | - | eu", &error("hub"));
    finds("acme/1 | also | - | - | static | eu", &error("placement"));
    finds("acme/1 | first | - | weu.net | static | eu", "");
    finds(
        "acme/1 | maybe | - | weu.net",
        "error: rules acme/1, line 20, column mode: `maybe` is not one of first, also; write one of these words",
    );
}

/// A misspelt column may be any other; it is not said that the row has all of them.
#[test]
fn a_column_that_does_not_exist_is_one_finding() {
    let found = findings(&format!(
        "{FLEET}\n rules: mode refuse unles begins\nacme/1 | also | true | iotEdge | 2026-12-01\n"
    ));
    let found: Vec<&str> = found.lines().collect();
    let [finding] = found[..] else {
        panic!("{found:?}")
    };
    assert!(finding.contains("has no column `unles`"), "{finding}");
}

#[test]
fn a_rule_that_does_nothing_is_a_warning() {
    let warning = "warning: rules acme/1, line 20: the rule has no effect; give it pools, a twin or refuse: \
                   a rule with mode also does not end the search";
    finds("acme/1 | also | iotEdge", warning);
    finds("acme/1 | also | iotEdge | - | - | - | false", "");
    finds("acme/1 | also | iotEdge | - | - | - | - | own", "");
}

#[test]
fn an_also_rule_neither_shadows_nor_is_shadowed() {
    finds(
        "acme/1 | also | - | - | - | eu\n acme/2 | first | iotEdge\n acme/3 | also | - | - | - | std",
        "",
    );
    finds("acme/1 | first\n acme/2 | also | iotEdge | - | - | std", "");
    finds(
        "acme/1 | first\n acme/2 | first | iotEdge",
        "warning: rules acme/2, line 21: rule `1` always matches first; reorder the rules by their RowKey, or remove one",
    );
}
