//! Step 1: enrollment, device row and tenant.

use dps_allocation::DeviceFact;
use serde_json::json;

use crate::fleet::{Device, decided_by, policy};

/// Each tenant has a pool of one hub, so that the hub shows the tenant.
const FLEET: &str = "
    hubs: pools
    weu.net | acme
    neu.net | beta
    eus.net | corp
    tenants: pools state
    acme | acme
    beta | beta
    corp | corp
    idle | corp | suspended
    enrollments: tenants tenantFrom deviceRows
    group | acme
    line-* | beta
    line-7* | corp
    line-77 | acme
    *-late | beta
    several | acme;corp | payload.tenant
    pattern | *c*;idle | payload.tenant
    any | * | payload.tenant
    silent | acme, beta
    one | acme | payload.tenant
    tens:x | acme
    optional | acme;beta | payload.tenant | optional
    bestEffort | acme;beta | payload.tenant | bestEffort
    required | acme;beta | payload.tenant | required
    cert | * | cert.subject.organizationalUnit
    devices: tenant
    sold | beta
    strayed | corp
    blank | -
";

#[track_caller]
fn check(device: Device, expected: &str) {
    assert_eq!(device.decided(&policy(FLEET)), expected);
}

#[track_caller]
fn through(group: &str, expected: &str) {
    check(Device::new("a").through(group), expected);
}

#[track_caller]
fn claims(group: &str, claim: serde_json::Value, expected: &str) {
    check(
        Device::new("a")
            .through(group)
            .payload(json!({"tenant": claim})),
        expected,
    );
}

#[test]
fn an_exact_enrollment_comes_before_globs_and_long_globs_before_short_ones() {
    through("group", "weu.net weighted");
    through("GROUP", "weu.net weighted");
    through("line-1", "neu.net weighted");
    through("line-", "neu.net weighted");
    through("line-71", "eus.net weighted");
    through("Line-7A", "eus.net weighted");
    through("line-77", "weu.net weighted");
    through("line-8-late", "neu.net weighted");
    through("tens:x", "weu.net weighted");
    through("group2", "unknownEnrollment");
    through("a-line-1", "unknownEnrollment");
}

#[test]
fn individual_enrollments_are_found_by_their_registration_id() {
    let individual = |id: &str| {
        let enrollment = json!({"registrationId": id});
        Device::new("a")
            .with("/enrollmentGroup", json!(null))
            .with("/individualEnrollment", enrollment)
    };
    check(individual("LINE-77"), "weu.net weighted");
    check(individual("line-1"), "neu.net weighted");
    check(individual("other"), "unknownEnrollment");
}

#[test]
fn the_only_tenant_needs_no_claim() {
    claims("one", json!(null), "weu.net weighted");
    through("one", "weu.net weighted");
    // What could not be a tenant's id is not a claim.
    claims("one", json!(true), "weu.net weighted");
    claims("one", json!(["corp"]), "weu.net weighted");
    claims("one", json!("acme"), "weu.net weighted");
    claims("one", json!("corp"), "claimRefused");
    claims("one", json!(""), "claimRefused");
}

#[test]
fn a_claim_reaches_no_further_than_the_enrollment() {
    claims("several", json!("acme"), "weu.net weighted");
    claims("several", json!(" CORP "), "eus.net weighted");
    claims("several", json!("beta"), "claimRefused");
    claims("several", json!("nobody"), "claimRefused");
    claims("several", json!("*"), "claimRefused");
    claims("several", json!("acme;corp"), "claimRefused");
    claims("several", json!(7), "claimRefused");
    claims("pattern", json!("acme"), "weu.net weighted");
    claims("pattern", json!("corp"), "eus.net weighted");
    claims("pattern", json!("beta"), "claimRefused");
    claims("any", json!("beta"), "neu.net weighted");
}

/// `TABLES.md`, "Which spellings name the same tenant".
#[test]
fn a_claim_has_the_spelling_of_the_id_but_for_case_and_spaces() {
    for same in ["corp", "CORP", "Corp", " corp", "corp ", "  cOrP   "] {
        claims("several", json!(same), "eus.net weighted");
    }
    let odd = [
        '\t', '\n', '\r', '\u{b}', '\u{c}', '\0', '\u{1c}', '\u{7f}', '\u{85}', '\u{a0}', '\u{ad}',
        '\u{1680}', '\u{2003}', '\u{200b}', '\u{2028}', '\u{2029}', '\u{202f}', '\u{205f}',
        '\u{2060}', '\u{3000}', '\u{feff}', '\u{301}', '\'', '"', ';', ',', '.',
    ];
    for odd in odd {
        for other in [
            format!("corp{odd}"),
            format!("{odd}corp"),
            format!("co{odd}rp"),
            format!(" corp {odd} "),
        ] {
            claims("several", json!(other), "claimRefused");
            claims("any", json!(other), "unknownTenant");
        }
    }
    // Letters that look alike, or that other foldings take for one of these.
    for other in ["c\u{43e}rp", "\u{ff43}orp", "co rp", "corp corp", "cörp"] {
        claims("several", json!(other), "claimRefused");
        claims("any", json!(other), "unknownTenant");
    }
}

/// Made with `OU=tenant-a/OU=line-7/OU=berlin`, see `certificate.rs`.
#[test]
fn of_several_values_of_an_attribute_the_first_one_counts() {
    let certificate = include_str!("../fixtures/certificate-three-units.txt");
    let fleet = |tenants: &str| {
        format!(
            "hubs: pools\n weu.net | a\n neu.net | b\n tenants: pools\n tenant-a | a\n line-7 | b\n \
             enrollments: tenants tenantFrom\n group | {tenants} | cert.subject.organizationalUnit"
        )
    };
    let decided = |tenants: &str| {
        let device = Device::new("a").certificate(certificate);
        device.decided(&policy(&fleet(tenants)))
    };
    assert_eq!(decided("*"), "weu.net weighted");
    assert_eq!(decided("tenant-a;line-7"), "weu.net weighted");
    assert_eq!(decided("line-7"), "claimRefused");
}

#[test]
fn an_unknown_tenant_is_reported_only_if_any_tenant_is_allowed() {
    claims("any", json!("nobody"), "unknownTenant");
    claims("any", json!(""), "unknownTenant");
    claims("pattern", json!("nobody"), "claimRefused");
}

#[test]
fn several_tenants_need_a_claim() {
    through("silent", "claimMissing");
    through("several", "claimMissing");
    through("any", "claimMissing");
    claims("any", json!(null), "claimMissing");
    claims("any", json!(2.5), "claimMissing");
    claims("any", json!({"id": "acme"}), "claimMissing");
    check(
        Device::new("a").through("any").payload("acme"),
        "claimMissing",
    );
}

#[test]
fn a_suspended_tenant_is_refused() {
    claims("pattern", json!("idle"), "tenantSuspended");
    claims("any", json!("IDLE"), "tenantSuspended");
}

#[track_caller]
fn row(id: &str, group: &str, claim: Option<&str>, expected: &str) {
    let policy = policy(FLEET);
    let device = Device::new(id)
        .through(group)
        .payload(json!({"tenant": claim}))
        .with_row();
    assert_eq!(device.decided(&policy), expected);
}

#[test]
fn the_devices_row_names_the_tenant_before_any_claim() {
    row("sold", "optional", None, "neu.net weighted");
    row("SOLD", "required", Some("acme"), "neu.net weighted");
    row("strayed", "required", Some("acme"), "claimRefused");
    row("blank", "required", Some("acme"), "weu.net weighted");
    row("blank", "required", None, "claimMissing");
    row("unsold", "optional", Some("acme"), "weu.net weighted");
    row("unsold", "required", Some("acme"), "unknownDevice");
    // The enrollment does not ask for the row.
    row("strayed", "one", None, "weu.net weighted");
    row("sold", "several", Some("corp"), "eus.net weighted");
}

#[track_caller]
fn fact(group: &str, fact: DeviceFact<'static>, expected: &str) {
    check(
        Device::new("sold")
            .through(group)
            .payload(json!({"tenant": "acme"}))
            .fact(fact),
        expected,
    );
}

#[test]
fn an_unreadable_row_admits_no_device() {
    fact("bestEffort", DeviceFact::Unavailable, "weu.net weighted");
    fact("bestEffort", DeviceFact::NotRead, "weu.net weighted");
    fact("bestEffort", DeviceFact::Invalid, "weu.net weighted");
    fact("bestEffort", DeviceFact::Missing, "weu.net weighted");
    fact("optional", DeviceFact::Unavailable, "storeUnavailable");
    fact("optional", DeviceFact::NotRead, "storeUnavailable");
    fact("optional", DeviceFact::Invalid, "deviceRowInvalid");
    fact("optional", DeviceFact::Missing, "weu.net weighted");
    fact("required", DeviceFact::Unavailable, "storeUnavailable");
    fact("required", DeviceFact::NotRead, "storeUnavailable");
    fact("required", DeviceFact::Invalid, "deviceRowInvalid");
    fact("required", DeviceFact::Missing, "unknownDevice");
    fact("several", DeviceFact::Missing, "weu.net weighted");
    fact("several", DeviceFact::Unavailable, "weu.net weighted");
}

#[test]
fn a_broken_certificate_is_refused_where_the_tenant_comes_from_it() {
    check(
        Device::new("a")
            .through("cert")
            .certificate("bm90IGEgY2VydGlmaWNhdGU="),
        "malformedRequest",
    );
    check(
        Device::new("a").through("group").certificate("%%%"),
        "weu.net weighted",
    );
    // Without a certificate there is no claim.
    through("cert", "claimMissing");
}

#[track_caller]
fn decides(device: Device, row: &str) {
    assert_eq!(decided_by(&device.explained(&policy(FLEET))), row);
}

#[test]
fn the_row_that_refuses_is_named() {
    let any = || Device::new("a").through("any");
    decides(
        any().payload(json!({"tenant": "idle"})),
        "tenants tenant/idle",
    );
    decides(
        any().payload(json!({"tenant": "nobody"})),
        "enrollments enrollment/any",
    );
    decides(any(), "enrollments enrollment/any");
    let refused = Device::new("a")
        .through("one")
        .payload(json!({"tenant": "corp"}));
    decides(refused, "enrollments enrollment/one");
    let required = Device::new("a")
        .through("required")
        .fact(DeviceFact::Missing);
    decides(required, "enrollments enrollment/required");
    decides(Device::new("a").through("line-1"), "tenants tenant/beta");
    decides(Device::new("a").through("nowhere"), "");
}
