//! Profile and namespace with everything that leads a device to a hub: a rollout, the hub that a
//! rule or the device's row names, and the hub that the device has.

use std::fmt::Write as _;

use serde_json::json;

use crate::fleet::{Device, policy, verdicts};

/// Each hub with whether it is MQTT v5, and its namespace.
const HUBS: [(&str, bool, Option<&str>); 4] = [
    ("classic.net", false, None),
    ("five.net", true, None),
    ("home.net", false, Some("home")),
    ("home5.net", true, Some("home")),
];

/// What leads a device somewhere; none: nothing does.
type Lead = Option<&'static str>;

/// A device, as far as it says which hubs it can use.
#[derive(Clone, Copy, Debug)]
struct Needs {
    /// `classic`, `mqttV5` or `both`: the name of its enrollment group, too.
    profile: &'static str,
    by_tpm: bool,
    namespace: Option<&'static str>,
}

impl Needs {
    /// Why it cannot use a hub; none if it can.
    fn bars(self, hub: &str) -> Option<&'static str> {
        let (_, is_mqtt_v5, namespace) = HUBS.into_iter().find(|(name, ..)| *name == hub)?;
        if self.namespace.is_some() && self.namespace != namespace {
            return Some("notInNamespace");
        }
        let fits = match self.profile {
            "classic" => !is_mqtt_v5,
            "mqttV5" => is_mqtt_v5 && !self.by_tpm,
            _ => !is_mqtt_v5 || !self.by_tpm,
        };
        (!fits).then_some("otherProfile")
    }
}

fn leads() -> impl Iterator<Item = Lead> + Clone {
    std::iter::once(None).chain(HUBS.map(|(hub, ..)| Some(hub)))
}

/// The tables: `row-HUB` is a device whose row names that hub, and `row-none` one that names none.
fn fleet(rule: Lead, rollout: Lead) -> String {
    let mut text = "hubs: profile namespace\n".to_owned();
    for (hub, is_mqtt_v5, namespace) in HUBS {
        let profile = if is_mqtt_v5 { "mqttV5" } else { "classic" };
        writeln!(text, "{hub} | {profile} | {}", namespace.unwrap_or("-")).unwrap();
    }
    text += "enrollments: profile tenants deviceRows\n";
    for profile in ["classic", "mqttV5", "both"] {
        writeln!(text, "{profile} | {profile} | acme | required").unwrap();
    }
    text += "tenants:\nacme\ndevices: hub\nrow-none | -\n";
    for (hub, ..) in HUBS {
        writeln!(text, "row-{hub} | {hub}").unwrap();
    }
    if let Some(hub) = rule {
        writeln!(text, "rules: hub\n*/1 | {hub}").unwrap();
    }
    if let Some(hub) = rollout {
        writeln!(text, "rollouts: to steps\n*/1 | {hub} | 100%").unwrap();
    }
    text
}

fn device(needs: Needs, row: Lead, current: Lead) -> Device {
    let linked = HUBS.map(|(hub, ..)| hub);
    let mut device = Device::new(&format!("row-{}", row.unwrap_or("none")))
        .through(needs.profile)
        .linked(&linked)
        .with_row()
        .with("/deviceRuntimeContext/symmetricKey", json!(null));
    let attested = if needs.by_tpm { "tpm" } else { "x509" };
    device = device.with("/enrollmentGroup/attestation", json!({"type": attested}));
    device = device.with(&format!("/deviceRuntimeContext/{attested}"), json!({}));
    if let Some(namespace) = needs.namespace {
        device = device.with("/enrollmentGroup/namespaceName", namespace);
    }
    match current {
        Some(hub) => device.on(hub),
        None => device,
    }
}

/// What the README says of such a device; an empty hub stands for any that it can use.
fn expected(
    needs: Needs,
    fixed: Lead,
    rollout: Lead,
    current: Lead,
) -> (&'static str, &'static str) {
    let eligible =
        |hub: &&str| needs.bars(hub).is_none() && fixed.is_none_or(|fixed| fixed == *hub);
    if !HUBS.iter().any(|(hub, ..)| eligible(hub)) {
        return ("", "noEligibleHub");
    }
    match (rollout.filter(eligible), current.filter(eligible), fixed) {
        (Some(to), Some(current), _) if to == current => (current, "stay"),
        (Some(to), _, _) => (to, "rollout"),
        (None, Some(current), _) => (current, "stay"),
        (None, None, Some(fixed)) => (fixed, "fixedHub"),
        (None, None, None) => ("", "weighted"),
    }
}

fn needs() -> impl Iterator<Item = Needs> {
    let profiles = ["classic", "mqttV5", "both"].into_iter();
    profiles.flat_map(|profile| {
        [false, true].into_iter().flat_map(move |by_tpm| {
            [None, Some("home"), Some("elsewhere")].map(|namespace| Needs {
                profile,
                by_tpm,
                namespace,
            })
        })
    })
}

#[test]
fn no_device_gets_a_hub_that_it_cannot_use() {
    for (rule, rollout) in leads().flat_map(|rule| leads().map(move |rollout| (rule, rollout))) {
        let policy = policy(&fleet(rule, rollout));
        for needs in needs() {
            for (row, current) in leads().flat_map(|row| leads().map(move |hub| (row, hub))) {
                let case = || {
                    format!(
                        "{needs:?} rule {rule:?} row {row:?} rollout {rollout:?} on {current:?}"
                    )
                };
                let device = device(needs, row, current);
                let decided = device.decided(&policy);
                // The device's row comes before the rule.
                let fixed = row.or(rule);
                let (hub, reason) = expected(needs, fixed, rollout, current);
                let (got, because) = decided.split_once(' ').unwrap_or(("", &decided));
                assert_eq!(because, reason, "{}", case());
                assert!(hub.is_empty() || got == hub, "{decided}: {}", case());
                assert!(
                    got.is_empty() || needs.bars(got).is_none(),
                    "{decided}: {}",
                    case()
                );
                if rollout.is_none() {
                    verdicts_are_right(&verdicts(&device.explained(&policy)), needs, fixed, &case);
                }
            }
        }
    }
}

/// The first constraint that a hub does not meet is the one that is reported.
#[track_caller]
fn verdicts_are_right(verdicts: &[String], needs: Needs, fixed: Lead, case: &dyn Fn() -> String) {
    for verdict in verdicts {
        let (hub, verdict) = verdict.split_once(' ').unwrap();
        let not_fixed = fixed.is_some_and(|fixed| fixed != hub);
        let bars = needs.bars(hub).or(not_fixed.then_some("notFixedHub"));
        match bars {
            Some(bars) => assert_eq!(verdict, bars, "{hub}: {}", case()),
            None => assert!(
                ["chosen", "notCurrentHub", "notDrawn"].contains(&verdict),
                "{hub} {verdict}: {}",
                case()
            ),
        }
    }
}
