//! What cannot be decided is said, with the row.

use dps_allocation::tables::TableName;
use dps_fleet::prove::{Claim, Verdict};

use crate::prove::{claim, starter, with};

#[track_caller]
fn check(condition: &str, expected: &str) {
    let before = starter();
    let rule = [
        ("when", condition),
        ("pools", "heatpumps"),
        ("mode", "also"),
    ];
    let after = with(&before, TableName::Rules, "*/950", &rule);
    let report = claim(
        &Claim::OnlyTenant("tenant-a".to_owned()),
        &[&before, &after],
    );
    assert_eq!(
        report.verdict,
        Verdict::Undecided,
        "{condition}: {report:?}"
    );
    let told = report
        .unknown
        .iter()
        .any(|it| it.place == "rules */950 when" && it.why.contains(expected));
    assert!(told, "{report:?}");
}

#[test]
fn an_expression_that_no_request_is_found_for() {
    let opaque = "payload.serial.matches('^[0-9]{7}[a-f]{3}$')";
    check(opaque, "reads what devices send: with some answer");
}

#[test]
fn an_id_that_is_read_in_another_way() {
    check(
        "registrationId.matches('^[0-9]{9}$')",
        "cannot be enumerated",
    );
}
