//! `begins` and `ends`: rules and draining hubs that exist for a time.

use serde_json::json;

use crate::findings::cells;
use crate::fleet::{Device, findings, policy, steps};

const FLEET: &str = "
    hubs: state begins ends
    weu.net
    neu.net | draining | 2026-12-01T08:00Z | 2026-12-01T10:00Z
    enrollments: tenants
    group | acme
    tenants:
    acme
    twins: tags
    */late | {\"late\": true}
    rules: mode refuse twin begins ends
    */1 | also | true | - | 2026-12-02 | 2026-12-03
    */2 | also | - | late | 2026-12-04
    acme/3 | first | true | - | - | 2026-11-01
";

fn device(at: &str) -> Device {
    Device::new("a").linked(&["weu.net", "neu.net"]).at(at)
}

#[test]
fn a_rule_exists_from_its_beginning_until_its_end() {
    let policy = policy(FLEET);
    let refused = |at: &str, expected: bool| {
        let decided = device(at).decided(&policy);
        assert_eq!(decided == "refusedByRule", expected, "{at}: {decided}");
    };
    refused("2026-12-01T23:59:59.999Z", false);
    refused("2026-12-02T00:00:00Z", true);
    refused("2026-12-02T23:59:59.999Z", true);
    refused("2026-12-03T00:00:00Z", false);
    refused("2026-10-31T23:59:59Z", true);
    refused("2026-11-01T00:00:00Z", false);
    let tags = |at: &str| device(at).answered(&policy)[0]["tags"].clone();
    assert_eq!(tags("2026-12-03T23:59:59Z"), json!(null));
    assert_eq!(tags("2026-12-04T00:00:00Z"), json!({"late": true}));
    assert_eq!(tags("2030-01-01T00:00:00Z"), json!({"late": true}));
}

#[test]
fn a_hub_drains_for_its_time_and_is_open_otherwise() {
    let policy = policy(FLEET);
    let decided = |at: &str, current: Option<&str>| {
        let device = device(at).linked(&["neu.net"]);
        current
            .map_or(device.clone(), |hub| device.on(hub))
            .decided(&policy)
    };
    assert_eq!(decided("2026-12-01T07:59:59Z", None), "neu.net weighted");
    assert_eq!(decided("2026-12-01T08:00:00Z", None), "noEligibleHub");
    assert_eq!(decided("2026-12-01T09:59:59Z", None), "noEligibleHub");
    assert_eq!(decided("2026-12-01T10:00:00Z", None), "neu.net weighted");
    // No device leaves it, or comes back.
    for at in ["07:00", "09:00", "11:00"] {
        let at = format!("2026-12-01T{at}Z");
        assert_eq!(decided(&at, Some("neu.net")), "neu.net stay");
        assert_eq!(device(&at).on("weu.net").decided(&policy), "weu.net stay");
        let away = device(&at).decided(&policy);
        assert!(
            at.contains("09:00") <= (away == "weu.net weighted"),
            "{away}"
        );
    }
}

#[test]
fn the_reasons_say_when_a_rule_exists() {
    let rules = |at: &str| {
        let mut steps = steps(&device(at).explained(&policy(FLEET)));
        steps.retain(|step| step.starts_with("rule"));
        steps.join("\n")
    };
    assert_eq!(
        rules("2026-12-01T12:00Z"),
        "rule: also rule 1 -> not yet: it begins at 2026-12-02T00:00:00Z\n\
         rule: also rule 2 -> not yet: it begins at 2026-12-04T00:00:00Z\n\
         rule: rule 3 -> no longer: it ended at 2026-11-01T00:00:00Z\n\
         rule: the first rule that matches -> none"
    );
}

#[test]
fn only_what_moves_no_device_is_for_a_time() {
    let twice = "devices would move when it begins and again when it ends: write a rollout, which moves them once";
    cells(twice, "
        rules: hub ends // acme/1 | a.net | 2026-12-01 => rules acme/1 ends: a rule for a time has no `hub`
        rules: placement begins // acme/1 | static | 2026-12-01 => rules acme/1 begins: a rule for a time has no `placement`
        rules: hubFrom ends // acme/1 | payload.hub | 2026-12-01 => rules acme/1 ends: a rule for a time has no `hubFrom`
    ");
    cells(
        "with mode first, it keeps the rules behind it from applying, and devices would move when it begins and again when it ends",
        "
        rules: mode begins // acme/1 | first | 2026-12-01 => rules acme/1 begins: a rule for a time that does not refuse needs mode also
        rules: ends // acme/1 | 2026-12-01 => rules acme/1 ends: a rule for a time that does not refuse needs mode also
    ");
    cells(
        "devices would leave a hub when it closes and come back when it opens: write draining, and move devices with a rollout",
        "
        hubs: state ends // b.net | closed | 2026-12-01 => hubs hub/b.net ends: only the state draining is for a time
        hubs: begins // b.net | 2026-12-01 => hubs hub/b.net begins: only the state draining is for a time
    ");
    cells(
        "write a later time in `ends`",
        "
        rules: refuse begins ends // acme/1 | true | 2026-12-02 | 2026-12-01 => rules acme/1 ends: it does not end after it begins
        rules: refuse begins ends // acme/1 | true | 2026-12-01 | 2026-12-01 => rules acme/1 ends: it does not end after it begins
        hubs: state begins ends // b.net | draining | 2026-12-02 | 2026-12-01 => hubs hub/b.net ends: it does not end after it begins
    ");
}

#[test]
fn a_rule_for_a_time_shadows_only_the_same_time() {
    let shadowed = |earlier: &str, later: &str| {
        let rows = format!(
            "{FLEET}\n acme/5 | first | true | - | {earlier}\n acme/6 | first | true | - | {later}"
        );
        findings(&rows).contains("rules acme/6")
            && findings(&rows).contains("rule `5` always matches first")
    };
    assert!(!shadowed("2026-12-02 | 2026-12-03", "-"));
    assert!(!shadowed("2026-12-02 | 2026-12-03", "2026-12-02"));
    assert!(shadowed(
        "2026-12-02 | 2026-12-03",
        "2026-12-02 | 2026-12-03"
    ));
    assert!(shadowed("-", "2026-12-02 | 2026-12-03"));
}
