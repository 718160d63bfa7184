//! Step 3: the hubs that a device cannot use, whatever their names: profile and namespace.

use serde_json::json;

use crate::findings::check as findings;
use crate::fleet::{Device, policy, verdicts};

const FLEET: &str = "
    hubs: profile namespace
    classic.net
    five.net | mqttV5
    home.net | - | Home
    home5.net | MQTTV5 | home
    enrollments: profile tenants deviceRows
    group | - | acme
    five | mqttV5 | acme
    both | both | acme
    sold | - | acme | optional
    sold5 | mqttV5 | acme | optional
    tenants:
    acme
    devices: profile
    d5 | mqttV5
    dc | classic
    db | both
";
const ALL: [&str; 4] = ["classic.net", "five.net", "home.net", "home5.net"];

/// How devices prove who they are.
fn attested(device: Device, by: &str) -> Device {
    let (device, context) = (
        device.with("/deviceRuntimeContext/symmetricKey", json!(null)),
        "/deviceRuntimeContext",
    );
    let device = device.with("/enrollmentGroup/attestation", json!({"type": "none"}));
    let named = |member: &str| format!("/enrollmentGroup/{member}");
    match by {
        "x509" => device.with(&format!("{context}/x509"), json!({})),
        "tpm" => device.with(&format!("{context}/tpm"), json!({})),
        "key" => device.with(&format!("{context}/symmetricKey"), json!({})),
        "nothing" => device,
        policy => {
            let device = device.with(&format!("{context}/symmetricKey"), json!({}));
            device.with(&named(policy), "thirty-days")
        }
    }
}

/// The hubs that the constraints leave to a new device.
#[track_caller]
fn check(group: &str, id: &str, by: &str, namespace: Option<&str>, expected: &str) {
    let policy = policy(FLEET);
    let device = Device::new(id).through(group).linked(&ALL).with_row();
    let mut device = attested(device, by);
    if let Some(namespace) = namespace {
        device = device.with("/enrollmentGroup/namespaceName", namespace);
    }
    let left =
        |current: &str| device.clone().on(current).decided(&policy) == format!("{current} stay");
    let left: Vec<&str> = ALL.into_iter().filter(|hub| left(hub)).collect();
    assert_eq!(
        left.join(" ").replace(".net", ""),
        expected,
        "{group} {id} {by} {namespace:?}"
    );
    // A new device is placed on one of them, or refused.
    let decided = device.decided(&policy);
    let hub = decided.split_once(".net ").map(|(hub, _)| hub);
    assert_eq!(hub.is_some(), !expected.is_empty(), "{decided}");
    assert!(
        hub.is_none_or(|hub| expected.split(' ').any(|it| it == hub)),
        "{decided}"
    );
}

const CLASSIC: &str = "classic home";
const FIVE: &str = "five home5";
const BOTH: &str = "classic five home home5";

#[test]
fn a_device_that_cannot_use_an_mqtt_v5_hub_never_gets_one() {
    for by in ["x509", "certificatePolicyName", "credentialPolicyName"] {
        check("group", "x", by, None, CLASSIC);
        check("five", "x", by, None, FIVE);
        check("both", "x", by, None, BOTH);
    }
    for by in ["tpm", "key", "nothing", "certificateAuthorityName"] {
        check("group", "x", by, None, CLASSIC);
        check("five", "x", by, None, "");
        check("both", "x", by, None, CLASSIC);
    }
}

#[test]
fn the_devices_row_says_it_before_the_enrollment() {
    for (id, expected) in [
        ("d5", FIVE),
        ("dc", CLASSIC),
        ("db", BOTH),
        ("none", CLASSIC),
    ] {
        check("sold", id, "x509", None, expected);
    }
    for (id, expected) in [("d5", FIVE), ("dc", CLASSIC), ("db", BOTH), ("none", FIVE)] {
        check("sold5", id, "x509", None, expected);
    }
    check("sold", "d5", "tpm", None, "");
    // Only where the enrollment asks for it.
    check("group", "d5", "x509", None, CLASSIC);
}

#[test]
fn an_enrollment_of_a_namespace_only_gets_hubs_of_it() {
    for namespace in ["home", "HOME"] {
        check("both", "x", "x509", Some(namespace), "home home5");
        check("group", "x", "x509", Some(namespace), "home");
        check("five", "x", "x509", Some(namespace), "home5");
    }
    check("both", "x", "x509", Some("elsewhere"), "");
}

/// Checks the verdict on each hub.
#[track_caller]
fn explained(group: &str, by: &str, namespace: Option<&str>, expected: &str) {
    let policy = policy(FLEET);
    let mut device = attested(Device::new("x").through(group).linked(&ALL), by);
    if let Some(namespace) = namespace {
        device = device.with("/enrollmentGroup/namespaceName", namespace);
    }
    let explanation = device.explained(&policy);
    let because: Vec<&str> = explanation.hubs.iter().map(|it| &*it.because).collect();
    let verdicts = verdicts(&explanation).join(", ").replace(".net", "");
    assert_eq!(format!("{verdicts}: {}", because[1]), expected);
}

#[test]
fn explain_names_the_profiles_of_hub_and_device() {
    explained(
        "five",
        "tpm",
        None,
        "classic otherProfile, five otherProfile, home otherProfile, home5 otherProfile: \
         an MQTT v5 hub, and a TPM cannot sign in to it",
    );
    explained(
        "group",
        "x509",
        Some("home"),
        "classic notInNamespace, five notInNamespace, home chosen, home5 otherProfile: \
         not in the namespace `home` of the enrollment",
    );
    for (group, by, why) in [
        ("group", "x509", "no row says that the device speaks it"),
        (
            "five",
            "key",
            "the enrollment issues no certificate for a symmetric key",
        ),
        (
            "five",
            "nothing",
            "the request does not say how the device proves who it is",
        ),
    ] {
        let policy = policy(FLEET);
        let device = attested(Device::new("x").through(group).linked(&ALL), by);
        let explanation = device.explained(&policy);
        let expected = format!("an MQTT v5 hub, and {why}");
        assert_eq!(explanation.hubs[1].because, expected);
        let classic = &explanation.hubs[0].because;
        let only = "a classic hub, and the device speaks MQTT v5 only";
        assert_eq!(classic == only, group == "five", "{classic}");
    }
}

#[test]
fn a_rollout_moves_no_device_to_a_hub_that_it_cannot_use() {
    let rollout = format!("{FLEET}\n rollouts: to steps\n acme/1 | five.net | 100%");
    let policy = policy(&rollout);
    let device = |group: &str| {
        let device = Device::new("x").through(group).linked(&ALL);
        attested(device, "x509").on("classic.net")
    };
    assert_eq!(device("group").decided(&policy), "classic.net stay");
    assert_eq!(device("both").decided(&policy), "five.net rollout");
    let by_tpm = attested(device("both"), "tpm");
    assert_eq!(
        by_tpm
            .with("/deviceRuntimeContext/x509", json!(null))
            .decided(&policy),
        "classic.net stay"
    );
}

#[test]
fn expressions_see_the_profile_of_the_devices_row() {
    let refuses = format!(
        "{FLEET}\n rules: when refuse\n acme/1 | device.?profile.orValue('') == 'mqttV5' | true"
    );
    let policy = policy(&refuses);
    let device = |id: &str| Device::new(id).through("sold").linked(&ALL).with_row();
    assert_eq!(device("d5").decided(&policy), "refusedByRule");
    assert!(device("none").decided(&policy).ends_with(" weighted"));
}

#[test]
fn the_columns_count_into_the_revision() {
    let revision = |text: &str| policy(text).revision();
    assert_eq!(
        revision(FLEET),
        revision(&FLEET.replace("MQTTV5", "mqttv5"))
    );
    assert_eq!(revision(FLEET), revision(&FLEET.replace("Home", "home")));
    for (from, to) in [
        ("five.net | mqttV5", "five.net | classic"),
        ("- | Home", "- | Other"),
        ("both | both", "both | mqttV5"),
    ] {
        assert!(
            revision(FLEET) != revision(&FLEET.replace(from, to)),
            "{from}"
        );
    }
}

const HELP: &str = "set `profile` of an enrollment to what its devices speak, or name other hubs";
const NO_FIVE: &str = "is an MQTT v5 hub, and no enrollment says that the devices speak MQTT v5";
const NO_CLASSIC: &str = "is classic, and the devices speak MQTT v5 only";

#[test]
fn a_hub_that_no_device_can_use_is_a_warning() {
    findings(
        "hubs: profile\n five.net | mqttV5",
        &format!(
            "warning: hubs hub/five.net, line 8, column profile: no device can use the hub: it {NO_FIVE}; {HELP}"
        ),
    );
    findings(
        "hubs: profile\n five.net | mqttV5\n enrollments: profile tenants\n g5 | both | acme",
        "",
    );
    // Their rows may say anything.
    findings(
        "hubs: profile\n five.net | mqttV5\n enrollments: deviceRows tenants\n g5 | optional | acme",
        "",
    );
}

#[test]
fn a_tenant_whose_devices_can_use_none_of_its_hubs_is_an_error() {
    let error = |why: &str| {
        format!(
            "error: tenants tenant/beta, line 11, column pools: none of its hubs can serve its devices: each {why}; {HELP}"
        )
    };
    let fleet = |pool: &str, profile: &str| {
        format!(
            "hubs: profile pools\n five.net | mqttV5 | five\n c.net | classic | classic\n \
             tenants: pools\n beta | {pool}\n enrollments: profile tenants\n g | {profile} | beta\n \
             g5 | mqttV5 | acme"
        )
    };
    findings(&fleet("five", "classic"), &error(NO_FIVE));
    findings(&fleet("classic", "mqttV5"), &error(NO_CLASSIC));
    findings(&fleet("five", "both"), "");
    findings(&fleet("classic", "both"), "");
    findings(&fleet("five;classic", "classic"), "");
}

#[test]
fn a_row_that_leads_where_no_device_can_go_is_an_error() {
    let fleet = |rows: &str| {
        format!(
            "hubs: profile pools\n five.net | mqttV5 | five\n enrollments: profile tenants\n \
             g5 | both | beta\n tenants:\n beta\n {rows}"
        )
    };
    let error = |place: &str| {
        format!("error: {place}: no device can go there: each of its hubs {NO_FIVE}; {HELP}")
    };
    for (rows, place) in [
        (
            "rollouts: to steps\n acme/1 | five.net | 1%",
            "rollouts acme/1, line 14, column to",
        ),
        (
            "rules: hub\n acme/1 | five.net",
            "rules acme/1, line 14, column hub",
        ),
        (
            "rules: pools\n acme/1 | five",
            "rules acme/1, line 14, column pools",
        ),
    ] {
        findings(&fleet(rows), &error(place));
    }
    for rows in [
        "rollouts: to steps cohort\n acme/1 | five.net;a.net | 1% | new",
        "rollouts: to steps\n */1 | five.net | 1%",
        "rollouts: to steps\n beta/1 | five.net | 1%",
        "rules: hub\n beta/1 | five.net",
        "rules: hub\n */1 | five.net",
    ] {
        findings(&fleet(rows), "");
    }
}
