//! Residency of the tenant, narrowed by the rows of the enrollment and the device.

use dps_allocation::{Decision, DeviceFact};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::fleet::{Device, decided_by, findings, policy, verdicts};

const HUBS: [(&str, &str); 4] = [
    ("de.net", "de"),
    ("fr.net", "fr"),
    ("us.net", "us"),
    ("none.net", "-"),
];

/// The tables, with the residency of tenant, enrollment and device; `-` where the cell is empty.
fn fleet([tenant, enrollment, device]: [&str; 3], more: &str) -> String {
    let hubs = HUBS.map(|(hub, geography)| format!("{hub} | {geography}\n"));
    format!(
        "hubs: geography
        {}
        enrollments: tenants tenantFrom deviceRows residency
        group | acme;beta | payload.?tenant.orValue('acme') | optional | {enrollment}
        tenants: residency placement locationFrom
        acme | {tenant}
        beta | {tenant} | latency | payload.where
        latency: milliseconds
        x/nowhere | 1
        {more}
        devices: residency hub
        a | {device}
        fixed | {device} | fr.net",
        hubs.concat()
    )
}

fn linked(id: &str) -> Device {
    let hubs = HUBS.map(|(hub, _)| hub);
    Device::new(id).linked(&hubs).with_row()
}

/// The hubs outside of residency for a new device, and which row decides.
#[track_caller]
fn check(rows: [&str; 3], expected: &str) {
    let policy = policy(&fleet(rows, ""));
    let explanation = linked("a").explained(&policy);
    let verdicts = verdicts(&explanation);
    let outside = verdicts
        .iter()
        .filter_map(|it| it.strip_suffix(".net outsideResidency"));
    let outside: Vec<&str> = outside.collect();
    let found = format!(
        "{} {} by {}",
        outside.join(" "),
        explanation.outcome,
        decided_by(&explanation)
    );
    assert_eq!(found, expected, "{rows:?}");
}

#[test]
fn each_row_narrows_and_none_widens() {
    check(["-", "-", "-"], " assigned by tenants tenant/acme");
    check(
        ["de", "-", "-"],
        "fr none us assigned by tenants tenant/acme",
    );
    let by_enrollment = "assigned by enrollments enrollment/group";
    check(["-", "de", "-"], &format!("fr none us {by_enrollment}"));
    check(
        ["de;fr", "fr;us", "-"],
        &format!("de none us {by_enrollment}"),
    );
    check(
        ["de", "de;fr;us", "-"],
        &format!("fr none us {by_enrollment}"),
    );
    let by_device = "assigned by devices a/device";
    check(["-", "-", "US"], &format!("de fr none {by_device}"));
    check(["de;us", "-", "fr,us"], &format!("de fr none {by_device}"));
    check(["de;fr", "fr;us", "fr"], &format!("de none us {by_device}"));
}

#[test]
fn a_device_whose_row_shares_no_hub_with_its_tenant_is_refused() {
    let refused = "de fr none us refused by devices a/device";
    check(["de", "-", "us"], refused);
    check(["-", "fr", "us"], refused);
    check(["de;us", "de", "us"], refused);
}

/// `hub reason` of a device with that residency.
#[track_caller]
fn decided(rows: [&str; 3], more: &str, device: Device, expected: &str) {
    let policy = policy(&fleet(rows, more));
    assert_eq!(device.decided(&policy), expected, "{rows:?} {more}");
}

#[test]
fn a_device_that_is_outside_moves_and_one_inside_stays() {
    let on = |hub: &str| linked("a").on(hub);
    decided(["-", "-", "de"], "", on("de.net"), "de.net stay");
    decided(["-", "-", "de"], "", on("fr.net"), "de.net weighted");
    decided(["-", "fr", "-"], "", on("de.net"), "fr.net weighted");
    decided(["-", "fr", "-"], "", on("fr.net"), "fr.net stay");
    // DPS links no other hub: never reprovision.
    let only = on("fr.net").linked(&["fr.net"]);
    decided(["-", "-", "de"], "", only, "noEligibleHub");
}

#[test]
fn a_fixed_hub_is_within_residency_or_none() {
    decided(["-", "-", "fr"], "", linked("fixed"), "fr.net fixedHub");
    decided(["-", "-", "de"], "", linked("fixed"), "noEligibleHub");
    decided(["-", "de", "-"], "", linked("fixed"), "noEligibleHub");
    let rule = "rules: hub\n acme/1 | us.net";
    decided(["-", "-", "us"], rule, linked("a"), "us.net fixedHub");
    decided(["-", "-", "de"], rule, linked("a"), "noEligibleHub");
    decided(["-", "de", "-"], rule, linked("a"), "noEligibleHub");
    // The device's row names the hub, whatever the rule says; its residency holds all the same.
    decided(["-", "-", "fr"], rule, linked("fixed"), "fr.net fixedHub");
    decided(["-", "-", "us"], rule, linked("fixed"), "noEligibleHub");
}

#[test]
fn no_rollout_leads_outside() {
    let rollout = "rollouts: to steps include\n */go | us.net;fr.net | 100%\n";
    let on = || linked("a").on("de.net");
    decided(["-", "-", "de;us"], rollout, on(), "us.net rollout");
    decided(["-", "-", "de"], rollout, on(), "de.net stay");
    decided(["-", "de;fr", "-"], rollout, on(), "fr.net rollout");
    let pinned = rollout.replace("100%", "0% | a");
    decided(["-", "-", "de;us"], &pinned, on(), "us.net rollout");
    decided(["-", "-", "de"], &pinned, on(), "de.net stay");
}

/// What the device's row says is unknown, what the enrollment's says is not.
#[test]
fn a_device_whose_row_is_unknown_stays_within_the_enrollments_residency() {
    let unread = |hub: &str| linked("a").on(hub).fact(DeviceFact::Unavailable);
    decided(
        ["-", "-", "de"],
        "",
        unread("fr.net"),
        "fr.net stayUnverified",
    );
    decided(
        ["-", "fr", "-"],
        "",
        unread("fr.net"),
        "fr.net stayUnverified",
    );
    decided(["-", "de", "-"], "", unread("fr.net"), "storeUnavailable");
}

#[test]
fn an_enrollment_that_leaves_no_hub_is_found() {
    let enrollment = |tenants: &str, residency: &str| {
        format!(
            "hubs: geography pools\n de.net | de | x\n us.net | us | y
            enrollments: tenants tenantFrom residency\n group | {tenants} | payload.t | {residency}
            tenants: residency pools\n acme | de\n beta | us\n both\n in-x | - | x"
        )
    };
    for (tenants, residency, expected) in [
        (
            "acme",
            "us",
            "leaves no hub to any tenant of the enrollment; `acme`",
        ),
        (
            "in-x",
            "us",
            "leaves no hub to any tenant of the enrollment; `in-x`",
        ),
        (
            "acme;in-x",
            "us",
            "leaves no hub to any tenant of the enrollment; `acme`",
        ),
        (
            "acme;both",
            "us",
            "tenant `acme` has no hub in these geographies",
        ),
        (
            "acme;beta",
            "de",
            "tenant `beta` has no hub in these geographies",
        ),
        ("acme", "fr", "no hub is in the geography `fr`"),
    ] {
        let found = findings(&enrollment(tenants, residency));
        assert!(found.contains(expected), "{tenants} {residency}: {found}");
        let is_error = !expected.starts_with("tenant");
        assert_eq!(found.contains("error"), is_error, "{found}");
    }
    for (tenants, residency) in [
        ("acme", "de"),
        ("acme;beta", "de;us"),
        ("*", "us"),
        ("both", "us"),
    ] {
        assert_eq!(
            findings(&enrollment(tenants, residency)),
            "",
            "{tenants} {residency}"
        );
    }
}

const GEOGRAPHIES: [&str; 3] = ["de", "fr", "us"];

fn cell() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(&GEOGRAPHIES[..], 0..=3)
}

/// Words that stand in the tables, and members that tables and expressions have.
fn payload() -> impl Strategy<Value = Value> {
    let word = select(
        &[
            "de", "fr", "us", "us.net", "acme", "beta", "x", "nowhere", "*", "",
        ][..],
    );
    let value = prop_oneof![
        word.prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::collection::vec(select(&GEOGRAPHIES[..]), 0..3).prop_map(|it| json!(it)),
    ];
    let name = select(
        &[
            "residency",
            "geography",
            "tenant",
            "where",
            "location",
            "region",
            "hub",
            "device",
        ][..],
    );
    prop::collection::hash_map(name, value, 0..6).prop_map(|members| json!(members))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_payload_widens_residency(
        rows in [cell(), cell(), cell()],
        payload in payload(),
        on in prop::option::of(select(&HUBS[..])),
    ) {
        let cells = rows.clone().map(|row| if row.is_empty() { "-".to_owned() } else { row.join(";") });
        let tables = fleet([&cells[0], &cells[1], &cells[2]], "");
        let reading = dps_allocation::Policy::read(&crate::fleet::tables(&tables));
        // Disjoint rows of tenant and enrollment are an error.
        prop_assume!(reading.policy.is_some());
        let policy = reading.policy.unwrap();
        let inside = |hub: &str| {
            let (_, geography) = HUBS.into_iter().find(|(host, _)| *host == hub).unwrap();
            rows.iter().all(|row| row.is_empty() || row.contains(&geography))
        };
        let mut device = linked("a").payload(payload);
        if let Some((hub, _)) = on {
            device = device.on(hub);
        }
        let is_left = HUBS.into_iter().any(|(hub, _)| inside(hub));
        let (hub, is_refused) = device.decide(&policy, |decision| match decision {
            Decision::Assigned(assignment) => (Some(assignment.hub.to_owned()), false),
            Decision::Refused(refusal) => (None, refusal.reason.as_str() == "noEligibleHub"),
            Decision::Unavailable(_) => (None, false),
        });
        prop_assert!(hub.as_deref().is_none_or(inside), "{hub:?} {rows:?}");
        prop_assert!(!is_refused || !is_left, "{rows:?}");
    }
}
