//! Planted faults: each is found, and its request is decided as the report says.

use dps_allocation::tables::{TableName, Tables};
use dps_fleet::prove::{Claim, Verdict};

use crate::policy::tables_of;
use crate::prove::{claim, decided, starter, with};

const WEU: &str = "contoso-weu-1.azure-devices.net";
const SEA: &str = "contoso-sea-1.azure-devices.net";
const OLD: &str = "iotpnpws-hub-20210726.azure-devices.net";

type Edit = (
    TableName,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// A claim about the starter tables, and the edits that break it.
#[track_caller]
fn check(it: &Claim, edits: &[Edit]) {
    check_from(it, &[], edits);
}

/// The same about edited tables.
#[track_caller]
fn check_from(it: &Claim, base: &[Edit], edits: &[Edit]) {
    let before = edited(starter(), base);
    let after = edited(before.clone(), edits);
    let tables = match it {
        Claim::NoNewDevices(_) => vec![&after],
        _ => vec![&before, &after],
    };
    let report = claim(it, &tables);
    assert_eq!(report.verdict, Verdict::Refuted, "{report:?}");
    let shown = report.counterexample.unwrap();
    let body = shown.request.to_string();
    let hubs: Vec<String> = tables
        .iter()
        .map(|tables| decided(tables, &body, shown.at))
        .collect();
    match it {
        Claim::NoNewDevices(hub) => assert_eq!(hubs.first(), Some(hub), "{body}"),
        Claim::Constraints => assert!(shown.decided.ends_with(hubs.last().unwrap()), "{hubs:?}"),
        Claim::OnlyTenant(_) | Claim::Same(_) => assert_ne!(hubs.first(), hubs.last(), "{body}"),
    }
}

fn edited(tables: Tables, edits: &[Edit]) -> Tables {
    let edit = |tables, (table, keys, cells): &Edit| with(&tables, *table, keys, cells);
    edits.iter().fold(tables, edit)
}

#[test]
fn constraints_that_an_edit_loosens() {
    use TableName::{Hubs, Tenants};
    // 1: a hub of a tenant's pool that is elsewhere; its residency is given up for it.
    check(
        &Claim::Constraints,
        &[
            (Tenants, "tenant/contoso", &[("residency", "")]),
            (
                Hubs,
                "hub/contoso-sea-1.azure-devices.net",
                &[("pools", "factory;appliances")],
            ),
        ],
    );
    // 2: the geography of a hub says what is not so.
    check(
        &Claim::Constraints,
        &[(
            Hubs,
            "hub/contoso-sea-1.azure-devices.net",
            &[("pools", "appliances"), ("geography", "US")],
        )],
    );
    // 3: pools are widened.
    check(
        &Claim::Constraints,
        &[(Tenants, "tenant/tenant-a", &[("pools", "factory;toasters")])],
    );
    // 4: a hub that is not for all tenants becomes one for all.
    check_from(
        &Claim::Constraints,
        &[(
            Hubs,
            "hub/contoso-weu-1.azure-devices.net",
            &[("tenants", "con*")],
        )],
        &[(
            Hubs,
            "hub/contoso-weu-1.azure-devices.net",
            &[("tenants", "")],
        )],
    );
    // 5: no pools at all, and a device that has a hub keeps it.
    check(
        &Claim::Constraints,
        &[(Tenants, "tenant/tenant-a", &[("pools", "")])],
    );
}

#[test]
fn edits_that_reach_further_than_meant() {
    use TableName::{Enrollments, Hubs, Latency, Rollouts, Rules, Tenants};
    let only = |tenant: &str| Claim::OnlyTenant(tenant.to_owned());
    // 6: a weight, where hashes choose.
    check(
        &only("tenant-a"),
        &[(
            Hubs,
            "hub/contoso-toasters-hub-1098.azure-devices.net",
            &[("weight", "5")],
        )],
    );
    // 7: a rule for all, on what devices send.
    check(
        &only("tenant-a"),
        &[(
            Rules,
            "*/910",
            &[
                ("mode", "also"),
                ("when", "payload.plant == 7"),
                ("refuse", "true"),
            ],
        )],
    );
    // 8: a rule for all, on a part of ids.
    check(
        &only("contoso"),
        &[(
            Rules,
            "*/920",
            &[
                ("when", "registrationId.startsWith('pump-9')"),
                ("refuse", "true"),
            ],
        )],
    );
    // 9: a rollout of everybody's devices, of a later day.
    check(
        &only("tenant-a"),
        &[(
            Rollouts,
            "*/go",
            &[
                ("from", "contoso-toasters-hub-1098.azure-devices.net"),
                ("to", "contoso-heatpumps-hub-1098.azure-devices.net"),
                ("steps", "2027-03-01=1%"),
            ],
        )],
    );
    // 10: an enrollment that reads the tenant elsewhere.
    check(
        &Claim::Same("contoso-factory-x509".to_owned()),
        &[(
            Enrollments,
            "enrollment/contoso-factory-x509",
            &[("tenantFrom", "cert.subject.organization")],
        )],
    );
    // 11: a latency, for devices that say where they are.
    check(
        &Claim::Same("contoso-factory-x509".to_owned()),
        &[(Latency, "eu-west/eastus", &[("milliseconds", "1")])],
    );
    // 12: a tenant that is suspended.
    check(
        &only("tenant-a"),
        &[(Tenants, "tenant/contoso", &[("state", "suspended")])],
    );
}

#[test]
fn hubs_that_get_new_devices_after_all() {
    use TableName::{Hubs, Rollouts};
    let none = |hub: &str| Claim::NoNewDevices(hub.to_owned());
    // 13: draining for a time only.
    check(
        &none(OLD),
        &[(
            Hubs,
            "hub/iotpnpws-hub-20210726.azure-devices.net",
            &[("ends", "2027-01-01")],
        )],
    );
    // 14: weight 0, and a rollout leads there on a share.
    check(
        &none(SEA),
        &[
            (
                Hubs,
                "hub/contoso-sea-1.azure-devices.net",
                &[("weight", "0")],
            ),
            (
                Rollouts,
                "tenant-a/trial",
                &[("from", WEU), ("to", SEA), ("steps", "2027-02-01=3%")],
            ),
        ],
    );
    // 15: pins.
    check(
        &none(SEA),
        &[
            (
                Hubs,
                "hub/contoso-sea-1.azure-devices.net",
                &[("weight", "0")],
            ),
            (
                Rollouts,
                "tenant-a/trial",
                &[
                    ("to", SEA),
                    ("steps", "0%"),
                    ("include", "probe-7*"),
                    ("cohort", "existing"),
                ],
            ),
        ],
    );
}

/// A rule that refuses devices of another tenant than the claim names.
#[track_caller]
fn check_refused(condition: &'static str) {
    let mut after = starter();
    let rule = [("mode", "also"), ("when", condition), ("refuse", "true")];
    after = with(&after, TableName::Rules, "*/001", &rule);
    let report = claim(
        &Claim::OnlyTenant("contoso".to_owned()),
        &[&starter(), &after],
    );
    assert_eq!(report.verdict, Verdict::Refuted, "{condition}: {report:?}");
}

#[test]
fn ids_that_a_rule_names_in_another_way() {
    check_refused("attestation == 'tpm' && enrollment.id == 'tpm-gw-7'");
    check_refused("registrationId.startsWith('zz-') && registrationId.endsWith('-yy')");
}

/// It is so only after the last moment that a row names.
#[test]
fn what_begins_after_a_moment() {
    let hub = (TableName::Hubs, "hub|a.azure-devices.net");
    let rows = [
        hub,
        (TableName::Tenants, "tenant|t"),
        (TableName::Enrollments, "enrollment|e|tenants=t"),
    ];
    let mut more = rows.to_vec();
    more.push((
        TableName::Rules,
        "t|1|when=now > timestamp('2027-01-01T00:00:00Z')|refuse=true",
    ));
    let (before, after) = (tables_of(&rows), tables_of(&more));
    let report = claim(&Claim::Same("e".to_owned()), &[&before, &after]);
    assert_eq!(report.verdict, Verdict::Refuted, "{report:?}");
}

/// Two hubs in two geographies, a tenant that may be in both, an enrollment and a device that may
/// not.
const NARROW: &[(TableName, &str)] = &[
    (TableName::Hubs, "hub|eu.azure-devices.net|geography=EU"),
    (TableName::Hubs, "hub|us.azure-devices.net|geography=US"),
    (TableName::Tenants, "tenant|t|residency=EU;US"),
    (TableName::Tenants, "tenant|u|residency=EU;US"),
    (
        TableName::Enrollments,
        "enrollment|eu|tenants=t|residency=EU",
    ),
    (
        TableName::Enrollments,
        "enrollment|own-*|tenants=t|residency=EU",
    ),
    (
        TableName::Enrollments,
        "enrollment|sold|tenants=t|deviceRows=optional",
    ),
    (TableName::Devices, "pump-7|device|residency=EU"),
];

#[test]
fn residencies_that_an_edit_of_another_row_than_the_tenants_loosens() {
    use TableName::{Devices, Enrollments};
    let before = tables_of(NARROW);
    let held = claim(&Claim::Constraints, &[&before]);
    assert_eq!(held.verdict, Verdict::Proved, "{held:?}");
    let edits: [(Edit, &str, &str); 4] = [
        (
            (Enrollments, "enrollment/eu", &[("residency", "")]),
            "/enrollmentGroup/enrollmentGroupId",
            "eu",
        ),
        (
            (Enrollments, "enrollment/own-*", &[("residency", "US")]),
            "/enrollmentGroup/enrollmentGroupId",
            "own-",
        ),
        (
            (Devices, "pump-7/device", &[("residency", "")]),
            "/deviceRuntimeContext/registrationId",
            "pump-7",
        ),
        (
            (Enrollments, "enrollment/sold", &[("deviceRows", "off")]),
            "/deviceRuntimeContext/registrationId",
            "pump-7",
        ),
    ];
    for (edit, place, expected) in edits {
        let after = edited(before.clone(), &[edit]);
        let report = claim(&Claim::Constraints, &[&before, &after]);
        assert_eq!(report.verdict, Verdict::Refuted, "{edit:?}: {report:?}");
        let shown = report.counterexample.unwrap();
        let named = shown.request.pointer(place).and_then(|it| it.as_str());
        assert!(
            named.is_some_and(|it| it.starts_with(expected)),
            "{shown:?}"
        );
        assert_eq!(shown.decided, "it may get us.azure-devices.net");
        let hub = decided(&after, &shown.request.to_string(), shown.at);
        assert_eq!(hub, "us.azure-devices.net");
    }
}

#[test]
fn devices_that_an_edit_hands_to_another_tenant_on_the_same_hubs() {
    use TableName::{Devices, Enrollments};
    let before = tables_of(NARROW);
    let check = |it: &Claim, before: &Tables, edit: Edit| {
        let after = edited(before.clone(), &[edit]);
        let report = claim(it, &[before, &after]);
        assert_eq!(
            report.verdict,
            Verdict::Refuted,
            "{it:?} {edit:?}: {report:?}"
        );
        let decided = report.counterexample.unwrap().decided;
        assert!(
            decided.contains("as a device of t; after: ") && decided.ends_with("as a device of u"),
            "{decided}"
        );
    };
    for tenant in ["t", "u"] {
        let only = Claim::OnlyTenant(tenant.to_owned());
        check(
            &only,
            &before,
            (Enrollments, "enrollment/eu", &[("tenants", "u")]),
        );
        let open = (Enrollments, "enrollment/sold", &[("tenants", "t;u")][..]);
        let row = (Devices, "pump-7/device", &[("tenant", "t")][..]);
        let both = edited(before.clone(), &[open, row]);
        check(&only, &both, (Devices, "pump-7/device", &[("tenant", "u")]));
    }
    check(
        &Claim::Same("eu".to_owned()),
        &before,
        (Enrollments, "enrollment/eu", &[("tenants", "u")]),
    );
}
