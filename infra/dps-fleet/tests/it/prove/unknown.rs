//! What cannot be decided is said, with the row.

use dps_allocation::tables::TableName;
use dps_fleet::prove::{Claim, Verdict};

use crate::policy::tables_of;
use crate::prove::claim;

/// Two tenants with an enrollment each, and a hub that a rule may leave out.
const BEFORE: [(TableName, &str); 6] = [
    (TableName::Hubs, "hub|a.azure-devices.net"),
    (TableName::Hubs, "hub|b.azure-devices.net|pools=p"),
    (TableName::Tenants, "tenant|t"),
    (TableName::Tenants, "tenant|other"),
    (TableName::Enrollments, "enrollment|e|tenants=t"),
    (TableName::Enrollments, "enrollment|f|tenants=other"),
];

#[track_caller]
fn check(condition: &str, expected: &str) {
    let rule = format!("*|950|mode=also|when={condition}|pools=p");
    let after = [&BEFORE[..], &[(TableName::Rules, &rule)]].concat();
    let report = claim(
        &Claim::OnlyTenant("t".to_owned()),
        &[&tables_of(&BEFORE), &tables_of(&after)],
    );
    assert_eq!(
        report.verdict,
        Verdict::Undecided,
        "{condition}: {report:?}"
    );
    let is_reported = report
        .unknown
        .iter()
        .any(|it| it.place == "rules */950 when" && it.why.contains(expected));
    assert!(is_reported, "{report:?}");
}

#[test]
fn an_expression_that_no_request_is_found_for() {
    let opaque = "payload.serial.matches('^[0-9]{7}[a-f]{3}$')";
    check(opaque, "reads what devices send: with some answer");
}

/// The rows of both sides count together.
#[test]
fn more_rows_of_devices_than_are_decided() {
    let side = |first: usize| {
        let rows: Vec<String> = (first..first + 600)
            .map(|number| format!("d-{number}|device|tenant=t"))
            .collect();
        let mut all = vec![
            (TableName::Hubs, "hub|a.azure-devices.net"),
            (TableName::Tenants, "tenant|t"),
            (
                TableName::Enrollments,
                "enrollment|e|tenants=t|deviceRows=optional",
            ),
        ];
        all.extend(rows.iter().map(|row| (TableName::Devices, &**row)));
        tables_of(&all)
    };
    let report = claim(&Claim::Same("e".to_owned()), &[&side(0), &side(600)]);
    assert_eq!(report.verdict, Verdict::Undecided, "{report:?}");
    let why = &report.unknown[0].why;
    assert!(why.starts_with("1200 rows"), "{why}");
    let report = claim(&Claim::Same("e".to_owned()), &[&side(0), &side(100)]);
    assert_eq!(report.verdict, Verdict::Proved, "{report:?}");
}

/// Four values that have to be sent together, of more than are tried.
#[test]
fn more_requests_than_are_tried() {
    let four = "payload.a == 'k' && payload.b == 'l' && payload.c == 'm' && payload.d == 'n'";
    check(
        four,
        "none of 150 requests with values of expressions gives it",
    );
}

#[test]
fn an_id_that_is_read_in_another_way() {
    check("size(registrationId) > 100", "cannot be enumerated");
    check("'-' + registrationId == '-b'", "cannot be enumerated");
}

#[test]
fn what_every_class_has_alike() {
    check("iotEdge", "is not enumerated");
    check("enrollment.kind == 'individual'", "is not enumerated");
    check("currentHub.startsWith('old-')", "is not enumerated");
}

/// Whether a hub gets a new device, where so many rules each read another member of the payload.
#[track_caller]
fn check_questions(questions: usize, expected: Verdict) {
    let rules: Vec<String> = (10..10 + questions)
        .map(|it| format!("*|{it}|mode=also|when=payload.m{it} == 1|pools=p"))
        .collect();
    let mut rows = vec![
        (
            TableName::Hubs,
            "hub|a.azure-devices.net|pools=p|state=draining",
        ),
        (TableName::Tenants, "tenant|t"),
        (TableName::Enrollments, "enrollment|e|tenants=t"),
    ];
    rows.extend(rules.iter().map(|it| (TableName::Rules, &**it)));
    let hub = "a.azure-devices.net".to_owned();
    let report = claim(&Claim::NoNewDevices(hub), &[&tables_of(&rows)]);
    assert_eq!(report.verdict, expected, "{report:?}");
    let is_reported = report.unknown.iter().any(|it| {
        it.place == "enrollment group e"
            && it.why.contains("rules */10 when")
            && it.why.contains("more than 4096 ways")
    });
    assert_eq!(is_reported, expected == Verdict::Undecided, "{report:?}");
}

#[test]
fn more_answers_than_are_decided() {
    check_questions(4, Verdict::Proved);
    check_questions(13, Verdict::Undecided);
}

#[test]
fn a_time_that_no_row_names() {
    let computed = "now > timestamp('2028-01-01T00:00:00Z') + duration('48h')";
    check(computed, "reads the time");
    check("int(now) > 1893456000", "reads the time");
}
