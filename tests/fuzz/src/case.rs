//! Policies and decisions that the targets share.

use std::sync::LazyLock;

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{
    Decision, DeviceFact, Evidence, Facts, Policy, Registration, Version, decide_with_evidence,
    explain, replay,
};

use crate::csv_file;

/// The starter tables, as the quick start reads them.
pub(crate) const STARTER: [(TableName, &str); 8] = [
    (
        TableName::Hubs,
        include_str!("../../../infra/policy/hubs.csv"),
    ),
    (
        TableName::Enrollments,
        include_str!("../../../infra/policy/enrollments.csv"),
    ),
    (
        TableName::Tenants,
        include_str!("../../../infra/policy/tenants.csv"),
    ),
    (
        TableName::Rules,
        include_str!("../../../infra/policy/rules.csv"),
    ),
    (
        TableName::Rollouts,
        include_str!("../../../infra/policy/rollouts.csv"),
    ),
    (
        TableName::Latency,
        include_str!("../../../infra/policy/latency.csv"),
    ),
    (
        TableName::Twins,
        include_str!("../../../infra/policy/twins.csv"),
    ),
    (
        TableName::Devices,
        include_str!("../../../infra/policy/devices.csv"),
    ),
];

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let mut tables = Tables::default();
    for (name, text) in STARTER {
        assert!(csv_file::parse(name, text.as_bytes(), &mut tables).is_empty());
    }
    must(Policy::read(&tables).policy)
});

/// The policy of the starter tables.
pub(crate) fn starter() -> &'static Policy {
    &POLICY
}

/// What is good in every run.
#[expect(
    clippy::expect_used,
    reason = "a mistake in a target, and the place tells which"
)]
#[track_caller]
pub(crate) fn must<T>(value: Option<T>) -> T {
    value.expect("the harness itself is right")
}

/// Decides, explains, and decides again from what a log would keep: three times the same.
pub(crate) fn decide(policy: &Policy, registration: &Registration<'_>) {
    for device in [
        DeviceFact::NotRead,
        DeviceFact::Missing,
        DeviceFact::Unavailable,
    ] {
        let now = must("2026-12-09T12:00Z".parse().ok());
        let facts = Facts { now, device };
        let (decision, evidence) = decide_with_evidence(policy, registration, &facts);
        if let Decision::Assigned(assignment) = &decision {
            assert!(serde_json::to_string(&assignment.response()).is_ok());
            let linked = registration
                .linked_hubs
                .iter()
                .any(|it| **it == *assignment.hub);
            assert!(linked, "the answer is one of the hubs that DPS accepts");
        }
        let (outcome, reason) = (decision.outcome(), decision.reason());
        let explained = explain(policy, registration, &facts);
        assert_eq!((outcome, reason), (explained.outcome, explained.reason));
        assert!(serde_json::to_string(&explained).is_ok());

        let logged = must(serde_json::to_string(&evidence).ok());
        let kept: Evidence = must(serde_json::from_str(&logged).ok());
        assert_eq!(evidence, kept);
        if let Ok(again) = replay(policy, registration, &facts, Version::NEWEST, &kept) {
            assert_eq!((outcome, reason), (again.outcome, again.reason));
        }
    }
}
