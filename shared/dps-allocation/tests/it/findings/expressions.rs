//! What can be said about an expression without a request, in every column that holds one.

use crate::fleet::findings;

/// A policy without findings; what follows begins in line 7.
pub(super) const GOOD: &str =
    "hubs:\n a.net\n enrollments: tenants\n group | acme\n tenants:\n acme\n";

/// All findings of a table with one row, without the place.
fn found(table: &str, row: &str, column: &str) -> Vec<String> {
    let findings = findings(&format!("{GOOD}{table}\n{row}"));
    let place = format!(", line 8, column {column}: ");
    let cells = findings.lines().filter_map(|line| {
        let (severity, rest) = line.split_once(&place)?;
        let severity = severity.split(':').next()?;
        Some(format!("{severity}: {rest}"))
    });
    cells.collect()
}

/// The findings of an expression as the condition of a rule.
#[track_caller]
pub(super) fn when(source: &str, expected: &[&str]) {
    let found = found("rules: when", &format!("acme/1 | {source}"), "when");
    assert_eq!(found, expected, "{source}");
}

#[test]
fn valid_expressions_have_no_finding() {
    for source in [
        "true",
        "false",
        "iotEdge",
        "payload.flag",
        "registrationId == 'pump-7' || registrationIdAsWritten == 'Pump-7'",
        "enrollment.kind == 'group' && enrollment.id != 'group' && enrollment.deviceId == 'Pump'",
        "attestation in ['x509', 'tpm']",
        "attestation == null || currentHub == null || device == null || cert == null",
        "cert.subject.organizationalUnits.exists(unit, unit.startsWith('Line'))",
        "cert.issuer.commonName == 'Contoso' && cert.notAfter > 1700000000",
        "cert.sha256Thumbprint == 'AB12'",
        "device.location == '52.5,13.4' || device.hub == 'a.net'",
        "'organization' in cert.subject",
        "has(cert.subject.country)",
        "payload.n > 3 && payload.n < 4.5",
        "payload.tags.exists(t, t == 'x') && payload.tags.all(t, t.size() < 9)",
        "payload.?a.?b.orValue('') == 'x'",
        "payload.list[0].name == 'a' && payload['a-b'] == 1",
        "registrationId.matches('^[A-Za-z0-9-]+$') && registrationId.matches('(?i)^PUMP')",
        r"registrationId.matches('^\\S+\\D$') && registrationId.matches('\\p{L}')",
        "payload.tags.map(t, t + 'x') == ['ax']",
        "payload.groups.all(g, g.members.all(m, m.size() > 0))",
        "attestation.contains('symmetric')",
        "registrationId.matches('^pump-') && registrationId.matches('^[A-Za-z]')",
        "registrationId.matches('(?i)^PUMP-') && registrationId.matches('^(Pump|pump)-')",
        "registrationId.matches('^P?ump') && registrationId.matches('^[A-Z]*$')",
        "registrationId.matches('(?i:P)ump') && registrationId.matches('^[A-Z0-9]+$')",
        "registrationId.matches('.') && registrationId.matches('')",
        "type(payload.n) == int",
        "dyn(registrationId) == 'x'",
        "(iotEdge ? payload.a : 'b') == 'b'",
    ] {
        when(source, &[]);
    }
}

/// `source => rule; help`, one a line: an error where it makes the whole condition false; a warning
/// where it counts for nothing, and the condition still works.
#[track_caller]
fn never_true(cases: &str) {
    for case in cases.lines().map(str::trim).filter(|case| !case.is_empty()) {
        let (source, finding) = case.split_once(" => ").expect("source => finding");
        when(
            source,
            &[&*format!("error: `{source}` is never true: {finding}")],
        );
        for other in [format!("iotEdge || {source}"), format!("!({source})")] {
            when(&other, &[&*format!("warning: {finding}")]);
        }
    }
}

#[test]
fn host_names_that_no_hub_has() {
    never_true(
        r#"
        currentHub == 'Weu.net' => `currentHub` is always a classic host name in lower case, and never `Weu.net`; write `weu.net`
        currentHub == 'weu.device.azure-devices.net' => `currentHub` is always a classic host name in lower case, and never `weu.device.azure-devices.net`; write `weu.azure-devices.net`
        device.hub in ['weu.device.azure-devices.net'] => `device.hub` is always a classic host name in lower case, and never `weu.device.azure-devices.net`; write `weu.azure-devices.net`
        currentHub.startsWith('Weu-') => `currentHub` is always in lower case: `startsWith("Weu-")` is always false; write `weu-`
        currentHub.endsWith('.device.azure-devices.net') => `currentHub` is always a classic host name: `endsWith(".device.azure-devices.net")` is false for every hub in Azure; remove `.device`: both names of a hub are one hub
        device.hub.contains('.Device.azure') => `device.hub` is always a classic host name: `contains(".Device.azure")` is false for every hub in Azure; remove `.device`: both names of a hub are one hub
        currentHub == 'weu-1' => `currentHub` is always a whole host name, and never `weu-1`; write the classic host name, such as contoso-weu-1.azure-devices.net
        currentHub == 'weu-1.service.azure-devices.net' => `currentHub` is always a whole host name, and never `weu-1.service.azure-devices.net`; write the classic host name, such as contoso-weu-1.azure-devices.net
        currentHub == '' => `currentHub` is always a whole host name, and never ``; compare with `null`
        currentHub.matches('^Weu-') => `currentHub` is always in lower case, and never matches `^Weu-`; write the letters of the pattern in lower case
    "#,
    );
    when(
        "currentHub.startsWith('weu-1.device.')",
        &[
            "warning: `currentHub` is always a classic host name: `startsWith(\"weu-1.device.\")` is false for every hub in Azure; remove `.device`: both names of a hub are one hub",
        ],
    );
    for source in [
        "currentHub.startsWith('weu-1.')",
        "currentHub.contains('device')",
        "currentHub.contains('.device.example')",
        "currentHub.endsWith('.azure-devices.net')",
        "currentHub == 'hub.device.example.net'",
    ] {
        // They are possible, if there were such a hub.
        let found = found("rules: when", &format!("acme/1 | {source}"), "when");
        let no_such_row = |it: &String| it.contains("is true for no row of hubs");
        assert!(found.iter().all(no_such_row), "{source}: {found:?}");
    }
}

#[test]
fn patterns_that_match_nothing() {
    never_true(
        r#"
        registrationId.matches('^Pump-') => `registrationId` is always in lower case, and never matches `^Pump-`; write the letters of the pattern in lower case
        registrationId.matches('^[A-Z]+$') => `registrationId` is always in lower case, and never matches `^[A-Z]+$`; write the letters of the pattern in lower case
        registrationId.matches('^(A|B)-') => `registrationId` is always in lower case, and never matches `^(A|B)-`; write the letters of the pattern in lower case
        registrationId.matches('^(?:pump-(?P<n>X1|X2))$') => `registrationId` is always in lower case, and never matches `^(?:pump-(?P<n>X1|X2))$`; write the letters of the pattern in lower case
        registrationId.matches('x{0,3}[[:upper:]]') => `registrationId` is always in lower case, and never matches `x{0,3}[[:upper:]]`; write the letters of the pattern in lower case
        registrationId.matches('P{1,2}') => `registrationId` is always in lower case, and never matches `P{1,2}`; write the letters of the pattern in lower case
        cert.sha256Thumbprint.matches('^ab') => `cert.sha256Thumbprint` is always in upper case, and never matches `^ab`; write the letters of the pattern in upper case
        attestation.matches('^(X509|TPM)$') => `attestation` is always one of `x509`, `symmetricKey`, `tpm`, and never matches `^(X509|TPM)$`; compare it with one of these
        enrollment.kind.startsWith('Group') => `enrollment.kind` is always one of `group`, `individual`: `startsWith("Group")` is always false; write `group`
    "#,
    );
}

#[test]
fn values_that_do_not_exist() {
    never_true(
        r#"
        enrollment.kind == 'enrollmentGroup' => `enrollment.kind` is always one of `group`, `individual`, and never `enrollmentGroup`; write `group`
        'Group' == enrollment.kind => `enrollment.kind` is always one of `group`, `individual`, and never `Group`; write `group`
        attestation == 'tmp' => `attestation` is always one of `x509`, `symmetricKey`, `tpm`, and never `tmp`; write `tpm`
        attestation in ['X509'] => `attestation` is always one of `x509`, `symmetricKey`, `tpm`, and never `X509`; write `x509`
        tenant == 'Contoso' => `tenant` is always in lower case, and never `Contoso`; write `contoso`
        enrollment.id == 'Group-1' => `enrollment.id` is always in lower case, and never `Group-1`; write `group-1`
        registrationId == 'Pump' => `registrationId` is always in lower case, and never `Pump`; write `pump`
        registrationId in ['Pump'] => `registrationId` is always in lower case, and never `Pump`; write `pump`
        cert.sha1Thumbprint == 'ab' => `cert.sha1Thumbprint` is always in upper case, and never `ab`; write `AB`
        registrationId.startsWith('Pump') => `registrationId` is always in lower case: `startsWith("Pump")` is always false; write `pump`
        registrationId.startsWith('Pump') && iotEdge => `registrationId` is always in lower case: `startsWith("Pump")` is always false; write `pump`
        payload.tags.exists(t, registrationId == 'A') => `registrationId` is always in lower case, and never `A`; write `a`
        registrationId == 7 => `registrationId` is string, and `7` is int: they are never equal; compare values of one type
    "#,
    );
    when(
        "tenant != 'Contoso'",
        &["warning: `tenant` is always in lower case, and never `Contoso`; write `contoso`"],
    );
}

#[test]
fn every_column_with_an_expression_is_checked() {
    let member = "`cert.subject` has no member `OU`; did you mean `organizationalUnit`?";
    let cases = r#"
        rules: when // acme/1 | cert.subject.OU == 'a' // when => MEMBER
        rollouts: to steps when // acme/1 | a.net | 1% | cert.subject.OU == 'a' // when => MEMBER
        enrollments: tenants tenantFrom // g2 | * | cert.subject.OU // tenantFrom => MEMBER
        tenants: locationFrom // beta | cert.subject.OU // locationFrom => MEMBER
        twins: tags // */t | {"a": {"b": "x ${cert.subject.OU}"}} // tags => at `a.b`: MEMBER
        twins: desired // */t | {"a": {"b": "x ${cert.subject.OU}"}} // desired => at `a.b`: MEMBER
        tenants: reply // beta | {"a": {"b": "x ${cert.subject.OU}"}} // reply => at `a.b`: MEMBER
        enrollments: tenants tenantFrom // g2 | * | iotEdge // tenantFrom => `iotEdge` gives bool, and int or uint or string is needed; give a text, such as `payload.site`
        tenants: locationFrom // beta | iotEdge // locationFrom => `iotEdge` gives bool, and int or uint or string or list or map is needed; give a text, such as `payload.site`
        twins: tags // */t | {"a": "${payload.?b}"} // tags => at `a`: `payload.?b` gives optional, which has no form in JSON; add `.orValue(..)` with a default
        twins: tags // */t | {"a": ["x ${payload.y"]} // tags => at `a`: `${` has no closing `}`; write ${expression} inside strings
    "#;
    for case in cases.trim().lines().map(str::trim) {
        let (row, error) = case.split_once(" => ").expect("row => error");
        let (table, row) = row.split_once(" // ").expect("table // row");
        let (row, column) = row.split_once(" // ").expect("row // column");
        let expected = format!("error: {}", error.replace("MEMBER", member));
        assert_eq!(found(table, row, column), [expected], "{case}");
    }
}

#[test]
fn every_problem_of_a_template_is_reported() {
    let row = r#"*/t | {"a": "${nope}", "b": {"c": "${cert.x}"}, "d": "${payload.e}"}"#;
    assert_eq!(found("twins: tags", row, "tags").len(), 2);
}
