//! Registration ids that only several rows together tell apart.

use dps_allocation::tables::{TableName, Tables};
use dps_fleet::prove::{Claim, Report, Verdict};

use crate::policy::tables_of;
use crate::prove::{claim, decided};

/// A hub that gets a device only if all others are excluded: its weight is 0.
const LAST: &str = "last.azure-devices.net";

/// Three rules with these conditions, each of which takes away some hubs; all three together leave
/// only the last one.
fn tables(conditions: [&str; 3]) -> Tables {
    let rules = ["a", "b", "c"].into_iter().zip(conditions);
    let rules: Vec<String> = rules
        .map(|(pool, when)| format!("*|{pool}|mode=also|pools={pool}|when={when}"))
        .collect();
    let mut rows = vec![
        (TableName::Hubs, "hub|1.azure-devices.net|pools=a;b"),
        (TableName::Hubs, "hub|2.azure-devices.net|pools=b;c"),
        (TableName::Hubs, "hub|3.azure-devices.net|pools=a;c"),
        (
            TableName::Hubs,
            "hub|last.azure-devices.net|pools=a;b;c|weight=0",
        ),
        (TableName::Tenants, "tenant|t"),
        (TableName::Enrollments, "enrollment|e|tenants=t"),
    ];
    rows.extend(rules.iter().map(|rule| (TableName::Rules, &**rule)));
    tables_of(&rows)
}

#[track_caller]
fn last(tables: &Tables) -> Report {
    let report = claim(&Claim::NoNewDevices(LAST.to_owned()), &[tables]);
    if let Some(shown) = &report.counterexample {
        let body = shown.request.to_string();
        assert_eq!(decided(tables, &body, shown.at), LAST, "{body}");
    }
    report
}

/// Whether an id can meet all three conditions.
#[track_caller]
fn check(conditions: [&str; 3], id: Option<&str>) {
    let report = last(&tables(conditions));
    let expected = if id.is_some() {
        Verdict::Refuted
    } else {
        Verdict::Proved
    };
    assert_eq!(report.verdict, expected, "{conditions:?}: {report:?}");
    let shown = report.counterexample.map(|it| {
        let id = &it.request["deviceRuntimeContext"]["registrationId"];
        id.as_str().unwrap().to_owned()
    });
    let parts = id.map(|id| id.split('*').collect::<Vec<_>>());
    if let (Some(parts), Some(shown)) = (parts, shown) {
        let mut rest = &*shown;
        for part in parts {
            let at = rest.find(part).unwrap_or_else(|| panic!("{part}: {shown}"));
            rest = &rest[at + part.len()..];
        }
    }
}

const STARTS: &str = "registrationId.startsWith('x-')";
const CONTAINS: &str = "registrationId.contains('-eu-')";
const ENDS: &str = "registrationId.endsWith('-9')";

#[test]
fn an_id_may_meet_the_conditions_of_several_rows() {
    check([STARTS, CONTAINS, ENDS], Some("x-*eu-*9"));
    check([ENDS, STARTS, CONTAINS], Some("x-*eu-*9"));
    // In the order in which they stand none of them can follow the other.
    check(
        [
            "registrationId.endsWith('abc')",
            "registrationId.startsWith('cde')",
            "registrationId.contains('cab')",
        ],
        Some("cde*abc"),
    );
    check(
        [
            "registrationId.contains('-a-')",
            "registrationId.contains('-b-')",
            "!registrationId.contains('-a-b')",
        ],
        Some("-"),
    );
}

#[test]
fn the_texts_of_rows_may_overlap_in_an_id() {
    let six = "registrationId.matches('^.{6}$')";
    check(
        [
            "registrationId.startsWith('x-eu-')",
            "registrationId.endsWith('-eu-9')",
            six,
        ],
        Some("x-eu-9"),
    );
    check(
        [STARTS, CONTAINS, "registrationId.matches('^.{5}$')"],
        Some("x-eu-"),
    );
    check([STARTS, CONTAINS, "registrationId.matches('^.{4}$')"], None);
    check(
        [STARTS, ENDS, "registrationId in ['x-9', 'y']"],
        Some("x-9"),
    );
}

#[test]
fn conditions_that_exclude_each_other_are_met_by_no_id() {
    check([STARTS, "registrationId.startsWith('y-')", ENDS], None);
    check([STARTS, ENDS, "registrationId == 'x-8'"], None);
    check([CONTAINS, STARTS, "registrationId.matches('^[a-w]')"], None);
    check([STARTS, CONTAINS, "!registrationId.startsWith('x')"], None);
    // An id has 128 characters and ends in a letter, a digit or `-`.
    check(
        [STARTS, CONTAINS, "registrationId.matches('^.{128}$')"],
        Some("x-"),
    );
    check(
        [STARTS, CONTAINS, "registrationId.matches('^.{129}$')"],
        None,
    );
    check([STARTS, CONTAINS, "registrationId.endsWith('.')"], None);
}

/// Rows for tenants `t` and `u` of an own hub each, and the last one, which `u` gets nothing from.
fn others(more: &[(TableName, &str)]) -> Report {
    let mut rows = vec![
        (TableName::Hubs, "hub|1.azure-devices.net|pools=t;u"),
        (
            TableName::Hubs,
            "hub|last.azure-devices.net|pools=last;t;u|weight=0",
        ),
        (TableName::Tenants, "tenant|t"),
        (TableName::Tenants, "tenant|u"),
    ];
    rows.extend(more);
    last(&tables_of(&rows))
}

#[track_caller]
fn check_others(more: &[(TableName, &str)], expected: Verdict) {
    let report = others(more);
    assert_eq!(report.verdict, expected, "{more:?}: {report:?}");
}

#[test]
fn patterns_of_enrollments_name_groups_too() {
    let pattern = (TableName::Enrollments, "enrollment|pump-*|tenants=t");
    // No device with an enrollment of its own is called otherwise, but a device of a group may be.
    let other = "t|1|when=!registrationId.startsWith('pump-')|pools=last";
    check_others(&[pattern, (TableName::Rules, other)], Verdict::Refuted);
    let both = "t|1|when=enrollment.id.endsWith('-7') && registrationId.endsWith('-8')|pools=last";
    check_others(&[pattern, (TableName::Rules, both)], Verdict::Refuted);
    let none = "t|1|when=enrollment.id.startsWith('tank-')|pools=last";
    check_others(&[pattern, (TableName::Rules, none)], Verdict::Proved);
    // The shortest id of the pattern has a row of its own.
    let exact = (TableName::Enrollments, "enrollment|pump-d|tenants=u");
    let longer = (TableName::Enrollments, "enrollment|pump-0*|tenants=u");
    let all = "t|1|when=registrationId.startsWith('pump-')|pools=last";
    let rows = [pattern, exact, longer, (TableName::Rules, all)];
    check_others(&rows, Verdict::Refuted);
}

#[test]
fn rows_of_devices_that_an_edit_begins_to_read_are_decided() {
    let side = |reads: &str| {
        let enrollment = format!("enrollment|e|tenants=t;u|tenantFrom='t'|deviceRows={reads}");
        tables_of(&[
            (TableName::Hubs, "hub|1.azure-devices.net|pools=t"),
            (TableName::Hubs, "hub|2.azure-devices.net|pools=u"),
            (TableName::Tenants, "tenant|t|pools=t"),
            (TableName::Tenants, "tenant|u|pools=u"),
            (TableName::Enrollments, &enrollment),
            (TableName::Devices, "sold-7|device|tenant=u"),
        ])
    };
    let same = Claim::Same("e".to_owned());
    for (before, after) in [("off", "optional"), ("optional", "off")] {
        let report = claim(&same, &[&side(before), &side(after)]);
        assert_eq!(report.verdict, Verdict::Refuted, "{before}: {report:?}");
    }
}

#[test]
fn pins_and_rules_meet_in_one_id() {
    let rows = |include: &'static str| {
        [
            (TableName::Enrollments, "enrollment|e|tenants=t"),
            (
                TableName::Rules,
                "t|1|when=registrationId.endsWith('-z')|pools=last;u",
            ),
            (TableName::Rollouts, include),
        ]
    };
    // Only devices that the rule takes may use the hub that the rollout leads to.
    let led =
        "t|go|to=last.azure-devices.net|steps=0%|when=registrationId.endsWith('-z')|include=c-*";
    check_others(&rows(led), Verdict::Refuted);
    let no = "t|go|to=last.azure-devices.net|steps=0%|exclude=*|include=c-*";
    check_others(&rows(no), Verdict::Proved);
}

#[test]
fn small_shares_are_found_or_the_claim_is_undecided() {
    let rollout = |id: &str, share: &str, when: &str| {
        format!("t|{id}|to=last.azure-devices.net|steps={share}|cohort=all|when={when}")
    };
    let enrollment = (TableName::Enrollments, "enrollment|e|tenants=t");
    let check = |rollouts: &[String], expected: Verdict| {
        let rollouts = rollouts.iter().map(|it| (TableName::Rollouts, &**it));
        let rows: Vec<(TableName, &str)> = [enrollment].into_iter().chain(rollouts).collect();
        check_others(&rows, expected);
    };
    check(&[rollout("r", "0.02%", "true")], Verdict::Refuted);
    // Nobody is in both, as far as ids were tried; what they do there is not decided.
    let never = "payload.x == 1 && payload.x == 2";
    let both = [rollout("r", "0.001%", never), rollout("s", "0.001%", never)];
    check(&both, Verdict::Undecided);
}

#[test]
fn too_many_ways_to_tell_ids_apart_leave_a_claim_undecided() {
    let check = |count: u32, expected: Verdict| {
        let rules: Vec<String> = (0..count)
            .map(|it| format!("*|{it}|mode=also|when=registrationId.contains('-{it}x')|pools=t"))
            .collect();
        let mut rows = vec![(TableName::Enrollments, "enrollment|e|tenants=t")];
        rows.extend(rules.iter().map(|it| (TableName::Rules, &**it)));
        let report = others(&rows);
        assert_eq!(report.verdict, expected, "{report:?}");
        let is_reported = report
            .unknown
            .iter()
            .any(|it| it.why.contains("too many ways"));
        assert_eq!(is_reported, expected == Verdict::Undecided, "{report:?}");
    };
    check(4, Verdict::Proved);
    check(10, Verdict::Undecided);
}

/// `device-#` in place of the `*` would make ids that are too long.
#[test]
fn a_pattern_may_leave_little_room_in_an_id() {
    for length in [1, 119, 120, 124, 127] {
        let enrollment = format!("enrollment|{}*|tenants=t", "a".repeat(length));
        let report = last(&tables_of(&[
            (TableName::Hubs, "hub|1.azure-devices.net|pools=a"),
            (
                TableName::Hubs,
                "hub|last.azure-devices.net|pools=b|weight=0",
            ),
            (TableName::Tenants, "tenant|t"),
            (TableName::Enrollments, &enrollment),
            (
                TableName::Rules,
                "*|1|mode=also|pools=b|when=enrollment.kind == 'individual'",
            ),
        ]));
        assert_eq!(report.verdict, Verdict::Refuted, "{length}: {report:?}");
    }
}
