//! Many devices: who moves, how many, and that a second registration moves nobody.

use crate::policy::{entry, outcome_of};

/// A fleet of pumps with these keys.
#[track_caller]
fn check(keys: &str, expect: &str, expected: &str) {
    let text = format!(
        "[[fleet]]\nname = \"x\"\nids = \"pump-{{1..100}}\"\nenrollment = \"factory\"\n{keys}\n\
         expect = {{ {expect} }}\n"
    );
    assert_eq!(outcome_of(&entry(&text)), expected, "{text}");
}

/// They registered as new devices in November.
const BEFORE: &str = "before = 2026-11-01\nafter = 2026-12-02";
const ON_WEU: &str = "currentHub = \"weu-1\"\nafter = 2026-12-02";

#[test]
fn a_rollout_moves_its_share() {
    check(
        "before = 2026-11-01\nafter = 2026-11-30",
        "moved = 0",
        "passed",
    );
    check(
        BEFORE,
        "moved = 25, within = 12, from = \"weu-1\", to = \"eus-1\"",
        "passed",
    );
    check(ON_WEU, "moved = 50, within = 12", "passed");
    check(
        "currentHub = \"weu-1\"\nafter = 2027-01-01",
        "moved = 100, load = { eus-1 = 100 }",
        "passed",
    );
    check(
        "currentHub = \"eus-1\"\nafter = 2027-01-01",
        "moved = 0",
        "passed",
    );
}

#[test]
fn what_differs_is_said_with_numbers() {
    let all = "currentHub = \"weu-1\"\nafter = 2027-01-01";
    check(
        all,
        "moved = 50, within = 12",
        "failed: moved: expected 50 (within 12), got 100",
    );
    check(
        all,
        "moved = 100, from = \"eus-1\", to = \"weu-1\"",
        "failed: from: 100 move from weu-1 to eus-1, such as pump-1; \
         to: 100 move from weu-1 to eus-1, such as pump-1",
    );
    check(
        all,
        "moved = 100, load = { weu-1 = 1 }",
        "failed: load: expected 1 on weu-1, got 0",
    );
    check(
        all,
        "moved = 100, twice = 3",
        "failed: twice: expected 3, got 0",
    );
    check(
        all,
        "moved = 100, refused = 1",
        "failed: refused: expected 1, got 0",
    );
    check(all, "moved = 100, moves = \"pump-{7..9}\"", "passed");
    check(
        all,
        "moved = 100, stays = [\"pump-7\", \"PUMP-8\"]",
        "failed: stays: pump-7 moves; stays: pump-8 moves",
    );
    check(
        all,
        "moved = 100, moves = \"pump-101\"",
        "failed: moves: pump-101 is refused, or not one of `ids`",
    );
}

#[test]
fn devices_that_are_refused_are_counted() {
    let lost = format!("{ON_WEU}\npayload = {{ lost = true }}");
    check(&lost, "moved = 0, refused = 100", "passed");
    check(
        &lost,
        "moved = 0",
        "failed: refused: expected 0, got 100, such as pump-1 (refusedByRule: rule `20-lost` of `acme` refuses the device)",
    );
}

#[test]
fn new_devices_have_a_load() {
    check(
        "after = 2026-11-02",
        "load = { weu-1 = 50, eus-1 = 50 }, within = 15",
        "passed",
    );
}

#[test]
fn the_summary_says_who_is_where() {
    let text = "[[fleet]]\nname = \"x\"\nids = \"canary-{1..3}\"\nenrollment = \"factory\"\n\
                currentHub = \"weu-1\"\nafter = 2026-11-01\nexpect = { moved = 3 }\n";
    let expected = "3 of 3 devices move: weu-1 to eus-1 3; afterwards eus-1 3";
    assert_eq!(entry(text).decided, expected);
}

#[test]
fn devices_that_belong_together_are_on_one_hub() {
    let text = "[[fleet]]\nname = \"x\"\nids = \"building-{1..5}-sensor-{1..20}\"\n\
                enrollment = \"factory\"\nafter = 2026-11-01\nexpect = { together = true }\n";
    let outcome = outcome_of(&entry(text));
    assert!(
        outcome.starts_with("failed: together: 5 groups are split, such as 1 (eus-1 and weu-1)"),
        "{outcome}"
    );
}

#[test]
fn payload_certificate_and_row_hold_the_numbers_of_a_device() {
    let fleet = |keys: &str, expect: &str| {
        let text = format!(
            "[[fleet]]\nname = \"x\"\nids = \"pump-{{1..2}}-{{01..05}}\"\nafter = 2026-11-01\n\
             {keys}\nexpect = {{ {expect} }}\n"
        );
        outcome_of(&entry(&text))
    };
    // One in two is lost.
    let payload = "enrollment = \"factory\"\npayload = { lot = [\"{1}\"] }";
    assert_eq!(fleet(payload, "refused = 5"), "passed");
    let certificate = "enrollment = \"certs\"\n\
                       cert = { subject = { organizationalUnit = \"acme{1}\" } }";
    let refused = fleet(certificate, "refused = 10");
    assert_eq!(refused, "passed");
    let row = "enrollment = \"sold\"\ndevice = { tenant = \"acme\", location = \"{1},1{2}\" }";
    assert_eq!(fleet(row, "refused = 0"), "passed");
    let unknown = "enrollment = \"sold\"\ndevice = { tenant = \"acme{1}\" }";
    let broken = fleet(unknown, "refused = 0");
    assert!(
        broken.contains("pump-1-01: `device` has errors") && broken.contains("`acme1`"),
        "{broken}"
    );
}
