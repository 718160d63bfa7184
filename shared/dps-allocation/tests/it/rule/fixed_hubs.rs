//! Hubs that a rule or the device's row fixes: by a list with fallbacks, or by an expression.

use serde_json::{Value, json};

use crate::findings::{cell, check as check_findings};
use crate::fleet::{Device, decided_by, policy, steps};

const FLEET: &str = "
    hubs: geography state
    weu.net | eu
    neu.net | eu
    eus.net | us
    new.net | eu | draining
    old.net | eu | closed
    tenants: residency
    acme | eu
    enrollments: tenants deviceRows
    group | acme
    sold | acme | optional
    devices: hub
    pump-1 | old.net;neu.net;weu.net
    pump-2 | eus.net
";

const HUBS: [&str; 5] = ["weu.net", "neu.net", "eus.net", "new.net", "old.net"];

/// The hub and reason under a rule with these hubs; `linked` are the hubs of the request.
#[track_caller]
fn check(hubs: &str, linked: &[&str], current: &str, expected: &str) {
    let policy = policy(&format!("{FLEET}\n rules: hub\n acme/1 | {hubs}"));
    let device = Device::new("a").linked(linked);
    let device = match current {
        "" => device,
        hub => device.on(hub),
    };
    assert_eq!(
        device.decided(&policy),
        expected,
        "{hubs} {linked:?} {current}"
    );
}

#[test]
fn the_first_that_can_be_used_is_fixed() {
    check("weu.net;neu.net", &HUBS, "", "weu.net fixedHub");
    check("neu.net;weu.net", &HUBS, "", "neu.net fixedHub");
    check("neu.net, weu.net", &HUBS, "", "neu.net fixedHub");
    check(
        "weu.net;neu.net",
        &["neu.net", "eus.net"],
        "",
        "neu.net fixedHub",
    );
    // Closed, and outside residency.
    check("old.net;eus.net;neu.net", &HUBS, "", "neu.net fixedHub");
    check("old.net;eus.net", &HUBS, "", "noEligibleHub");
    check("weu.net;neu.net", &["new.net"], "", "noEligibleHub");
}

#[test]
fn a_device_goes_back_to_an_earlier_one() {
    let list = "weu.net;neu.net";
    check(list, &["neu.net"], "neu.net", "neu.net stay");
    check(list, &HUBS, "neu.net", "weu.net fixedHub");
    check(list, &HUBS, "weu.net", "weu.net stay");
    check(list, &HUBS, "eus.net", "weu.net fixedHub");
}

#[test]
fn a_draining_hub_keeps_its_devices_and_new_ones_go_to_the_next() {
    check("new.net;neu.net", &HUBS, "", "neu.net fixedHub");
    check("new.net;neu.net", &HUBS, "neu.net", "neu.net stay");
    check("new.net;neu.net", &HUBS, "new.net", "new.net stay");
    check("new.net;eus.net", &HUBS, "", "noEligibleHub");
    check("new.net", &HUBS, "", "noEligibleHub");
    check("new.net", &HUBS, "new.net", "new.net stay");
    check("weu.net;new.net", &HUBS, "new.net", "weu.net fixedHub");
}

#[test]
fn a_device_row_lists_hubs_too() {
    let policy = policy(&format!("{FLEET}\n rules: hub\n acme/1 | weu.net"));
    let device = |id: &str| Device::new(id).through("sold").with_row().linked(&HUBS);
    assert_eq!(device("pump-1").decided(&policy), "neu.net fixedHub");
    let explanation = device("pump-1").explained(&policy);
    assert_eq!(decided_by(&explanation), "devices pump-1/device");
    let weu = explanation
        .hubs
        .iter()
        .find(|hub| hub.hub == "weu.net")
        .unwrap();
    assert_eq!(
        weu.because,
        "the device's row names old.net, neu.net, weu.net: the first that can be used is neu.net"
    );
    assert_eq!(device("pump-2").decided(&policy), "noEligibleHub");
    assert_eq!(device("pump-3").decided(&policy), "weu.net fixedHub");
}

/// The hub and reason under a rule with this `hubFrom`, and with `hub` for what it does not name.
#[track_caller]
fn from(hub_from: &str, hub: &str, payload: Value, expected: &str) {
    let policy = policy(&format!(
        "{FLEET}\n rules: hubFrom hub\n acme/1 | {hub_from} | {hub}"
    ));
    let decided = Device::new("a")
        .linked(&HUBS)
        .payload(payload.clone())
        .decided(&policy);
    let is_expected = match expected.strip_prefix("* ") {
        Some(reason) => decided.ends_with(reason),
        None => decided == expected,
    };
    assert!(is_expected, "{hub_from} {payload}: {decided}");
}

#[test]
fn an_expression_names_a_hub_in_any_spelling() {
    let named = |hub: Value| json!({"hub": hub});
    from(
        "payload.hub",
        "-",
        named(json!("neu.net")),
        "neu.net fixedHub",
    );
    from(
        "payload.hub",
        "-",
        named(json!(" NEU.net ")),
        "neu.net fixedHub",
    );
    from(
        "payload.hub + '.net'",
        "-",
        named(json!("neu")),
        "neu.net fixedHub",
    );
    // No value, no name of a hub, no text.
    for other in [json!(null), json!("neu"), json!(""), json!(7), json!({})] {
        from("payload.hub", "-", named(other.clone()), "* weighted");
        from("payload.hub", "weu.net", named(other), "weu.net fixedHub");
    }
    from("payload.hub", "-", json!({}), "* weighted");
    from("payload.hub", "-", json!("text"), "* weighted");
    // It comes before those that the rule lists.
    from(
        "payload.hub",
        "weu.net",
        named(json!("neu.net")),
        "neu.net fixedHub",
    );
    from(
        "payload.hub",
        "weu.net",
        named(json!("old.net")),
        "weu.net fixedHub",
    );
}

#[test]
fn an_expression_stays_within_all_constraints() {
    for hub in ["eus.net", "old.net"] {
        from("payload.hub", "-", json!({"hub": hub}), "noEligibleHub");
    }
    let policy = policy(&format!("{FLEET}\n rules: hubFrom\n acme/1 | payload.hub"));
    let device = Device::new("a")
        .payload(json!({"hub": "weu.net"}))
        .linked(&["neu.net"]);
    assert_eq!(device.decided(&policy), "noEligibleHub");
}

#[test]
fn hubs_by_either_host_name() {
    let policy = policy(
        "hubs:\n a.azure-devices.net\n b.azure-devices.net\n enrollments: tenants\n group | acme\n tenants:\n acme\n \
         rules: hubFrom\n acme/1 | payload.hub",
    );
    let linked = ["a.device.azure-devices.net", "b.device.azure-devices.net"];
    for spelling in ["b.azure-devices.net", "B.device.Azure-Devices.net"] {
        let device = Device::new("a")
            .linked(&linked)
            .payload(json!({"hub": spelling}));
        assert_eq!(
            device.decided(&policy),
            "b.device.azure-devices.net fixedHub"
        );
    }
}

#[test]
fn the_reasons_say_what_the_expression_gave() {
    let policy = policy(&format!("{FLEET}\n rules: hubFrom\n acme/1 | payload.hub"));
    let check = |payload: Value, expected: &str| {
        let steps = steps(&Device::new("a").payload(payload).explained(&policy));
        assert!(steps.contains(&expected.to_owned()), "{steps:?}");
    };
    let asked = "rule: hubFrom `payload.hub` ->";
    check(
        json!({"hub": "neu.net"}),
        &format!("{asked} neu.net [rules acme/1]"),
    );
    check(
        json!({"hub": "nowhere.net"}),
        &format!("{asked} `nowhere.net` is not in the hubs table: it fixes no hub [rules acme/1]"),
    );
    check(
        json!({}),
        &format!("{asked} nothing: there is no `hub`: it fixes no hub [rules acme/1]"),
    );
}

#[test]
fn lists_and_expressions_are_checked() {
    let seven: Vec<String> = (0..7).map(|n| format!("h{n}.net")).collect();
    let seven = seven.join(";");
    for table in ["rules: hub // acme/1 |", "tenants: hub // beta |"] {
        let row = if table.starts_with("rules") {
            "rules acme/1"
        } else {
            "tenants tenant/beta"
        };
        cell(
            &format!("{table} {seven}").replace(" // ", "\n"),
            &format!("{row} hub: the list has 7 hubs; 6 are allowed"),
            "name the hub that is meant, and few in its place",
        );
    }
    check_findings(
        "rules: hub // acme/1 | b.net;a.net;c.net",
        "error: rules acme/1, line 8, column hub: hub `b.net` is not in the hubs table; add the hub or correct its host name
        error: rules acme/1, line 8, column hub: hub `c.net` is not in the hubs table; add the hub or correct its host name",
    );
    cell(
        "rules: hubFrom\n acme/1 | size(payload)",
        "rules acme/1 hubFrom: `size(payload)` gives int, and string is needed",
        "give the host name of a hub, such as `payload.hub`",
    );
    check_findings("rules: hubFrom // acme/1 | payload.hub", "");
}
