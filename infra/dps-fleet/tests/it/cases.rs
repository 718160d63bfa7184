//! One registration: what may be stated of it, and what is said where it is decided otherwise.

use crate::policy::{entry, outcome_of};

/// A case with these keys on 2 December 2026.
#[track_caller]
fn check(keys: &str, expect: &str, expected: &str) {
    let text =
        format!("[[case]]\nname = \"x\"\nat = 2026-12-02\n{keys}\nexpect = {{ {expect} }}\n");
    assert_eq!(outcome_of(&entry(&text)), expected, "{text}");
}

const NEW: &str = "enrollment = \"factory\"\nid = \"a-1\"";

#[test]
fn the_hub_of_a_new_device() {
    let german = format!("{NEW}\npayload = {{ country = \"DE\" }}");
    check(NEW, "hub = \"eus-1\"", "failed: expected eus-1");
    check(NEW, "hub = \"weu-1\"", "passed");
    check(NEW, "hub = \"WEU-1\"", "passed");
    check(NEW, "hub = \"weu-1.device.azure-devices.net\"", "passed");
    check(NEW, "hub = [\"weu-1\", \"eus-1\"]", "passed");
    check(NEW, "pool = \"eu\", reason = \"weighted\"", "passed");
    check(&german, "pool = \"eu\", rule = \"10-de\"", "passed");
    check(
        NEW,
        "rule = \"10-de\"",
        "failed: expected rule 10-de, got none",
    );
    check(NEW, "rule = []", "passed");
    check(&german, "rule = []", "failed: expected no rule, got 10-de");
    check(NEW, "reason = \"stay\"", "failed: expected reason stay");
    check(
        NEW,
        "tenant = \"ACME\", twinEffect = \"appliedFirst\"",
        "passed",
    );
    check(
        NEW,
        "tenant = \"other\"",
        "failed: expected tenant other, got acme",
    );
}

#[test]
fn a_device_with_a_hub() {
    let on = |hub: &str| format!("{NEW}\ncurrentHub = \"{hub}\"");
    check(
        &on("eus-1"),
        "hub = \"eus-1\", twinEffect = \"ignoredSameHub\"",
        "passed",
    );
    check(
        &on("weu-1"),
        "twinEffect = \"appliedReset\"",
        "failed: expected twinEffect appliedReset, got ignoredSameHub",
    );
    let canary = "enrollment = \"factory\"\nid = \"canary-1\"\ncurrentHub = \"weu-1\"";
    check(canary, "hub = \"eus-1\", rollout = \"half\"", "passed");
    let reset = format!("{canary}\nmigrateDeviceData = false");
    check(&reset, "twinEffect = \"appliedReset\"", "passed");
    // DPS offers no other hub.
    let never = format!("{canary}\nupdateHubAssignment = false");
    check(&never, "hub = \"weu-1\", rollout = []", "passed");
}

#[test]
fn twin_and_reply() {
    let on_weu = format!("{NEW}\nlinkedHubs = \"weu-1\"");
    check(&on_weu, "twin = { tags = { site = \"ams\" } }", "passed");
    check(&on_weu, "twin = { desired = { n = 1 } }", "passed");
    check(
        &on_weu,
        "twin = { tags = { site = \"fra\" }, desired = { m = 1 } }",
        "failed: twin.properties.desired.m: expected 1, got nothing; \
         twin.tags.site: expected \"fra\", got \"ams\"",
    );
    let on_eus = format!("{NEW}\nlinkedHubs = \"eus-1\"");
    check(&on_eus, "twin = false", "passed");
    check(
        &on_eus,
        "twin = { tags = {} }",
        "failed: twin: expected {\"tags\":{}}, got nothing",
    );
    check(NEW, "reply = { hello = \"a-1\" }", "passed");
    check(
        NEW,
        "reply = { n = 2 }",
        "failed: reply.n: expected 2, got 1",
    );
}

#[test]
fn refused_and_unavailable() {
    let lost = format!("{NEW}\npayload = {{ lost = true }}");
    check(
        &lost,
        "refused = \"refusedByRule\", rule = \"20-lost\"",
        "passed",
    );
    check(&lost, "hub = \"weu-1\"", "failed: expected weu-1");
    check(&lost, "reason = \"weighted\"", "failed: expected a hub");
    check(
        NEW,
        "refused = \"refusedByRule\"",
        "failed: expected refused (refusedByRule)",
    );
    check(
        &lost,
        "refused = \"noEligibleHub\"",
        "failed: expected refused (noEligibleHub)",
    );
    let unread = "enrollment = \"unsure\"\nid = \"a-1\"\ndevice = \"unavailable\"";
    check(unread, "unavailable = \"storeUnavailable\"", "passed");
}

#[test]
fn a_certificate_in_short() {
    let cert = |unit: &str| {
        format!(
            "enrollment = \"certs\"\nid = \"a-1\"\ncert = {{ subject = {{ organizationalUnit = \"{unit}\" }} }}"
        )
    };
    check(&cert("acme"), "tenant = \"acme\"", "passed");
    check(
        &cert("other"),
        "tenant = \"other\", hub = \"eus-1\"",
        "passed",
    );
    check(&cert("nobody"), "refused = \"claimRefused\"", "passed");
}

#[test]
fn the_row_of_the_device() {
    let sold = |more: &str| format!("enrollment = \"sold\"\n{more}");
    check(&sold("id = \"sold-1\""), "tenant = \"other\"", "passed");
    check(
        &sold("id = \"sold-2\""),
        "refused = \"unknownDevice\"",
        "passed",
    );
    check(
        &sold("id = \"sold-1\"\ndevice = false"),
        "refused = \"unknownDevice\"",
        "passed",
    );
    let given =
        "id = \"sold-2\"\ndevice = { tenant = \"acme\", hub = \"weu-1.azure-devices.net\" }";
    check(
        &sold(given),
        "tenant = \"acme\", hub = \"weu-1\", reason = \"fixedHub\"",
        "passed",
    );
}

#[test]
fn a_request_file() {
    check(
        "body = \"request.json\"",
        "hub = \"eus-1\", tenant = \"acme\"",
        "passed",
    );
    check(
        "body = \"broken.json\"",
        "hub = \"eus-1\"",
        "broken: the request is not one: the body is not JSON, at line 1 column 1; send the JSON that DPS sends",
    );
    check(
        "body = \"gone.json\"",
        "hub = \"eus-1\"",
        "broken: `gone.json` cannot be read: there is no such file",
    );
}

#[test]
fn defaults_hold_where_a_case_says_nothing() {
    let text = "[request]\nenrollment = \"factory\"\nat = 2026-12-02\ncurrentHub = \"weu-1\"\n\
                [[case]]\nname = \"x\"\nid = \"canary-1\"\nexpect = { hub = \"eus-1\" }\n";
    assert_eq!(outcome_of(&entry(text)), "passed");
    assert_eq!(
        entry(text).decided,
        "eus-1 (rollout, by rollouts acme/half)"
    );
    assert_eq!(entry(text).line, 5);
    let request = entry(text).request.unwrap();
    let request: serde_json::Value = serde_json::from_slice(&request).unwrap();
    let context = &request["deviceRuntimeContext"];
    assert_eq!(context["currentIotHubHostName"], "weu-1.azure-devices.net");
    assert_eq!(request["linkedHubs"].as_array().unwrap().len(), 2);
}
