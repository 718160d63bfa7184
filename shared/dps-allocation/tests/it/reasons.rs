//! Every reason, verdict and effect that is published can happen, and is named as documented.

use std::collections::BTreeSet;

use dps_allocation::{
    AssignedReason, Decision, DeviceFact, RefusedReason, TwinEffect, Unavailable, Verdict,
};
use serde_json::json;

use crate::fleet::{Device, policy};

const FLEET: &str = "
    hubs: region pools geography state weight tier profile tenants
    a.net | westeurope | std;rule | EU
    b.net | eastus | std;rule | EU
    d.net | - | std;rule | EU | draining
    c.net | - | std;rule | EU | closed
    f.net | - | std;fresh;rule | EU | - | 0
    h.net | - | std;rule | EU | - | 1 | 1
    u.net | - | std | US
    o.net | - | other
    r.net | - | std | EU
    v.net | - | std | EU | - | - | - | mqttV5
    e.net | eastus2 | std | EU
    y.net | - | std | EU | - | - | - | - | moved
    enrollments: tenants tenantFrom deviceRows location
    group | acme
    any | * | payload.tenant
    some | acme;idle | payload.tenant
    sold | acme | - | required
    perhaps | acme | - | optional
    cert | * | cert.subject.commonName
    home | home
    free | free
    tenants: pools residency placement state toleranceMs
    acme | std | EU | weighted
    near | std | EU | latency
    fixed | std | EU
    first | std | EU | static
    moved | std | EU
    back | std | EU
    big | std | EU
    none | other
    idle | std | - | - | suspended
    home | std | EU | latency | - | 500
    free
    twins: desired
    */big | {\"x\": \"${payload.x}\"}
    rules: when hub refuse pools twin
    acme/1 | payload.refuse == true | - | true
    acme/2 | payload.rule == true | - | - | rule
    fixed/1 | - | a.net
    big/1 | - | - | - | - | big
    rollouts: to steps state return anew minGainMs
    moved/go | fresh | 100%
    back/go | fresh | 100% | aborted | true
    home/go | a.net;b.net;e.net | 100% | - | - | true | 20
";
const ALL: [&str; 12] = [
    "a.net", "b.net", "d.net", "c.net", "f.net", "h.net", "u.net", "r.net", "v.net", "zoo.net",
    "e.net", "y.net",
];

fn devices() -> Vec<Device> {
    let new = || Device::new("pump-1").linked(&ALL);
    let of = |tenant: &str| new().through("any").payload(json!({"tenant": tenant}));
    vec![
        new(),
        new().on("a.net"),
        new().on("f.net").with(
            "/enrollmentGroup/reprovisionPolicy",
            json!({"migrateDeviceData": false}),
        ),
        new().on("c.net"),
        new().on("c.net").with(
            "/enrollmentGroup/reprovisionPolicy",
            json!({"migrateDeviceData": false}),
        ),
        new().payload(json!({"refuse": true})),
        new().payload(json!({"rule": true})),
        new().linked(&["o.net"]),
        new().with("/enrollmentGroup/namespaceName", "home"),
        new().through("nowhere"),
        new().through("any"),
        new().through("some").payload(json!({"tenant": "near"})),
        new().through("cert").certificate("AAAA"),
        new().through("sold").fact(DeviceFact::Missing),
        new().through("sold").fact(DeviceFact::Unavailable),
        new().through("sold").fact(DeviceFact::Invalid),
        new()
            .through("perhaps")
            .on("a.net")
            .fact(DeviceFact::Unavailable),
        of("near").with("/deviceRuntimeContext/payload/location", "westeurope"),
        new()
            .through("home")
            .on("b.net")
            .payload(json!({"location": "westeurope"})),
        new().through("free").on("zoo.net"),
        of("fixed"),
        of("first"),
        of("moved"),
        of("back").on("f.net"),
        of("idle"),
        of("nobody"),
        of("none"),
        of("big").with("/deviceRuntimeContext/payload/x", "y".repeat(5000)),
    ]
}

fn met<T: Ord>(show: impl Fn(Decision<'_>) -> Option<T>) -> BTreeSet<T> {
    let policy = policy(FLEET);
    devices()
        .iter()
        .filter_map(|device| device.decide(&policy, &show))
        .collect()
}

#[test]
fn every_reason_to_assign_is_met() {
    let met = met(|decision| match decision {
        Decision::Assigned(assignment) => Some(assignment.reason),
        _ => None,
    });
    assert_eq!(met, AssignedReason::all().collect());
}

#[test]
fn every_reason_to_refuse_is_met() {
    let met = met(|decision| match decision {
        Decision::Refused(refusal) => Some(refusal.reason),
        _ => None,
    });
    assert_eq!(met, RefusedReason::all().collect());
}

#[test]
fn every_cause_of_being_unavailable_is_met() {
    let met = met(|decision| match decision {
        Decision::Unavailable(cause) => Some(cause),
        _ => None,
    });
    assert_eq!(met, Unavailable::all().collect());
}

#[test]
fn every_effect_on_the_twin_is_met() {
    let met = met(|decision| match decision {
        Decision::Assigned(assignment) => Some(match assignment.twin_effect {
            TwinEffect::AppliedFirst => "appliedFirst",
            TwinEffect::AppliedReset => "appliedReset",
            TwinEffect::IgnoredSameHub => "ignoredSameHub",
            TwinEffect::IgnoredMigrated => "ignoredMigrated",
        }),
        _ => None,
    });
    assert_eq!(met.len(), 4, "{met:?}");
}

/// All verdicts; the compiler asks for a new one here.
fn number(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Chosen => 0,
        Verdict::NotLinked => 1,
        Verdict::NotInTable => 2,
        Verdict::NotInPools => 3,
        Verdict::NotInRulePools => 4,
        Verdict::OutsideResidency => 5,
        Verdict::NotFixedHub => 6,
        Verdict::Closed => 7,
        Verdict::NotCurrentHub => 8,
        Verdict::NotInRollout => 9,
        Verdict::Draining => 10,
        Verdict::HigherTier => 11,
        Verdict::TooFar => 12,
        Verdict::LatencyUnknown => 13,
        Verdict::WeightZero => 14,
        Verdict::NotFirst => 15,
        Verdict::NotDrawn => 16,
        Verdict::NotReached => 17,
        Verdict::NotInNamespace => 18,
        Verdict::OtherProfile => 19,
        Verdict::GainTooSmall => 20,
        Verdict::ForOtherTenants => 21,
    }
}

#[test]
fn every_verdict_is_met() {
    let policy = policy(FLEET);
    let explanations = devices()
        .into_iter()
        .map(|device| device.explained(&policy));
    let met: BTreeSet<usize> = explanations
        .flat_map(|it| it.hubs)
        .map(|hub| number(hub.verdict))
        .collect();
    assert_eq!(met, (0..22).collect());
}

#[test]
fn words_are_the_same_in_json_logs_and_documentation() {
    for reason in AssignedReason::all() {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
    for reason in RefusedReason::all() {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
    for cause in Unavailable::all() {
        assert_eq!(serde_json::to_value(cause).unwrap(), cause.as_str());
    }
}

#[test]
fn explain_agrees_with_decide() {
    let policy = policy(FLEET);
    for device in devices() {
        let explanation = device.explained(&policy);
        let chosen = explanation
            .hubs
            .iter()
            .filter(|hub| hub.verdict == Verdict::Chosen);
        let chosen: Vec<&str> = chosen.map(|hub| &*hub.hub).collect();
        let expected = if explanation.outcome == "assigned" {
            format!("{} {}", chosen.join(" "), explanation.reason)
        } else {
            assert!(chosen.is_empty(), "{explanation:?}");
            explanation.reason.to_owned()
        };
        assert_eq!(device.decided(&policy), expected);
        assert_eq!(
            explanation.response.is_some(),
            explanation.outcome == "assigned"
        );
        assert_eq!(
            explanation.detail.is_some(),
            explanation.outcome == "refused"
        );
        assert!(!explanation.steps.is_empty());
    }
}
