//! Names in expressions that no row of the policy has.

use crate::fleet::findings;

/// A policy with names of every kind that tables list.
const LISTED: &str = "hubs:\n contoso-weu-1.azure-devices.net\n contoso-neu-1.azure-devices.net\n \
    enrollments: tenants\n factory | acme; globex\n pump-* | acme\n tenants:\n acme\n globex\n";

/// The findings of a condition in a rule of `scope`: one, or none if it is empty.
#[track_caller]
fn listed(scope: &str, source: &str, expected: &str) {
    let findings = findings(&format!("{LISTED}rules: when\n{scope}/1 | {source}"));
    let place = format!("warning: rules {scope}/1, line 11, column when: ");
    let finding = findings.strip_prefix(&place).unwrap_or(&findings);
    assert_eq!(finding.trim_end(), expected, "{source}");
}

#[test]
fn names_that_no_row_has_are_reported() {
    let cases = r#"
        tenant == 'nobody' => `tenant == "nobody"` is true for no row of tenants; correct the id, or add the row
        'nobody' == tenant => `tenant == "nobody"` is true for no row of tenants; correct the id, or add the row
        tenant != 'nobody' => `tenant == "nobody"` is true for no row of tenants; correct the id, or add the row
        tenant in ['acme', 'globx'] => `tenant == "globx"` is true for no row of tenants; did you mean `globex`? correct the id, or add the row
        !(tenant in ['nobody']) => `tenant == "nobody"` is true for no row of tenants; correct the id, or add the row
        device.tenant == 'nobody' => `device.tenant == "nobody"` is true for no row of tenants; correct the id, or add the row
        device['tenant'] == 'nobody' => `device.tenant == "nobody"` is true for no row of tenants; correct the id, or add the row
        iotEdge || tenant == 'nobody' => `tenant == "nobody"` is true for no row of tenants; correct the id, or add the row
        tenant.startsWith('b') => `tenant.startsWith("b")` is true for no row of tenants; correct the id, or add the row
        device.tenant.endsWith('y') => `device.tenant.endsWith("y")` is true for no row of tenants; correct the id, or add the row
        tenant.contains('em') => `tenant.contains("em")` is true for no row of tenants; correct the id, or add the row
        currentHub == 'contoso-weu-2.azure-devices.net' => `currentHub == "contoso-weu-2.azure-devices.net"` is true for no row of hubs; did you mean `contoso-weu-1.azure-devices.net`? correct the host name, or add the row
        device.hub == 'contoso-weu-2.azure-devices.net' => `device.hub == "contoso-weu-2.azure-devices.net"` is true for no row of hubs; did you mean `contoso-weu-1.azure-devices.net`? correct the host name, or add the row
        enrollment.id in ['factroy'] => `enrollment.id == "factroy"` is true for no row of enrollments; did you mean `factory`? correct the id, or add the row
    "#;
    for case in cases.trim().lines() {
        let (source, finding) = case.split_once(" => ").expect("source => finding");
        listed("*", source.trim(), finding);
    }
}

#[test]
fn names_that_rows_have_are_not_reported() {
    for source in [
        "tenant == 'acme' || device.tenant in ['acme', 'globex']",
        "tenant.startsWith('glo') || tenant.contains('m') || device.tenant.endsWith('x')",
        "currentHub == 'contoso-weu-1.azure-devices.net'",
        "currentHub.startsWith('contoso-') || device.hub.contains('neu')",
        "enrollment.id == 'factory' || enrollment.id == 'pump-7'",
        // Any id may come through a pattern.
        "enrollment.id.endsWith('x')",
        // No table lists these.
        "registrationId == 'nobody' || payload.tenant == 'nobody' || device.location == 'nowhere'",
    ] {
        listed("*", source, "");
    }
}

#[test]
fn a_row_of_one_tenant_is_for_no_other() {
    listed("acme", "tenant == 'acme' || device.tenant == 'globex'", "");
    listed(
        "acme",
        "tenant == 'globex'",
        "`tenant == \"globex\"` is false for every device: the row is for tenant `acme`; leave the \
         comparison out, or write the row for * or for the other tenant",
    );
}

/// An error in the table that would list the name may be why it is not there.
#[test]
fn nothing_is_said_about_names_while_their_table_has_errors() {
    let broken = LISTED.replace("tenants:\n acme", "tenants: weight\n acme | 1");
    let findings = findings(&format!("{broken}rules: when\n*/1 | tenant == 'nobody'"));
    assert!(!findings.contains("is true for no row"), "{findings}");
}

#[test]
fn names_are_checked_in_every_column_with_an_expression() {
    for (table, row) in [
        ("rules: when", "*/1 | tenant == 'nobody'"),
        (
            "rollouts: when to steps",
            "*/1 | tenant == 'nobody' | contoso-weu-1.azure-devices.net | 2026-01-01=1%",
        ),
        (
            "tenants: locationFrom",
            "initech | device.tenant == 'nobody' ? 'a' : 'b'",
        ),
        (
            "enrollments: tenants tenantFrom",
            "other | acme | device.tenant == 'nobody' ? 'acme' : ''",
        ),
        (
            "twins: tags",
            "*/t | {\"a\": \"${tenant == 'nobody'}\", \"b\": [{\"c\": \"x${tenant}\"}]}",
        ),
        (
            "twins: desired",
            "*/t | {\"b\": [{\"c\": \"x${tenant == 'nobody'}\"}]}",
        ),
        (
            "tenants: reply",
            "initech | {\"a\": \"${device.tenant == 'nobody'}\"}",
        ),
    ] {
        let findings = findings(&format!("{LISTED}{table}\n{row}"));
        let found = findings
            .matches("== \"nobody\"` is true for no row of tenants")
            .count();
        assert_eq!(found, 1, "{table}: {findings}");
    }
}
