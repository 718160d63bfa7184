//! What can be said about an expression without a request, in every column that holds one.

use crate::fleet::findings;

/// A policy without findings; what follows begins in line 7.
const GOOD: &str = "hubs:\n a.net\n enrollments: tenants\n group | acme\n tenants:\n acme\n";

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
        "enrollment.kind == 'group' && enrollment.id != 'a' && enrollment.deviceId == 'Pump'",
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
        "type(payload.n) == int",
        "dyn(registrationId) == 'x'",
        "(iotEdge ? payload.a : 'b') == 'b'",
    ] {
        when(source, &[]);
    }
}

/// An error where it makes the whole condition false; a warning where it counts for nothing, and
/// the condition still works.
#[track_caller]
fn idle(source: &str, rule: &str, help: &str) {
    when(
        source,
        &[&*format!("error: `{source}` is never true: {rule}; {help}")],
    );
    // It counts for nothing here, and the condition still works.
    let other = format!("iotEdge || {source}");
    when(&other, &[&*format!("warning: {rule}; {help}")]);
    let not = format!("!({source})");
    when(&not, &[&*format!("warning: {rule}; {help}")]);
}

#[test]
fn host_names_that_no_hub_has() {
    for (source, rule, help) in [
        (
            "currentHub == 'Weu.net'",
            "`currentHub` is always a classic host name in lower case, and never `Weu.net`",
            "write `weu.net`",
        ),
        (
            "currentHub == 'weu.device.azure-devices.net'",
            "`currentHub` is always a classic host name in lower case, and never `weu.device.azure-devices.net`",
            "write `weu.azure-devices.net`",
        ),
        (
            "device.hub in ['weu.device.azure-devices.net']",
            "`device.hub` is always a classic host name in lower case, and never `weu.device.azure-devices.net`",
            "write `weu.azure-devices.net`",
        ),
        (
            "currentHub.startsWith('Weu-')",
            "`currentHub` is always in lower case: `startsWith(\"Weu-\")` is always false",
            "write `weu-`",
        ),
        (
            "currentHub.endsWith('.device.azure-devices.net')",
            "`currentHub` is always a classic host name: `endsWith(\".device.azure-devices.net\")` is false for every hub in Azure",
            "remove `.device`: both names of a hub are one hub",
        ),
        (
            "device.hub.contains('.Device.azure')",
            "`device.hub` is always a classic host name: `contains(\".Device.azure\")` is false for every hub in Azure",
            "remove `.device`: both names of a hub are one hub",
        ),
        (
            "currentHub == 'weu-1'",
            "`currentHub` is always a whole host name, and never `weu-1`",
            "write the classic host name, such as contoso-weu-1.azure-devices.net",
        ),
        (
            "currentHub == 'weu-1.service.azure-devices.net'",
            "`currentHub` is always a whole host name, and never `weu-1.service.azure-devices.net`",
            "write the classic host name, such as contoso-weu-1.azure-devices.net",
        ),
        (
            "currentHub == ''",
            "`currentHub` is always a whole host name, and never ``",
            "compare with `null`",
        ),
        (
            "currentHub.matches('^Weu-')",
            "`currentHub` is always in lower case, and never matches `^Weu-`",
            "write the letters of the pattern in lower case",
        ),
    ] {
        idle(source, rule, help);
    }
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
        when(source, &[]);
    }
}

#[test]
fn patterns_that_match_nothing() {
    let lower = |pattern: &str| {
        idle(
            &format!("registrationId.matches('{pattern}')"),
            &format!("`registrationId` is always in lower case, and never matches `{pattern}`"),
            "write the letters of the pattern in lower case",
        );
    };
    for pattern in [
        "^Pump-",
        "^[A-Z]+$",
        "^(A|B)-",
        "^(?:pump-(?P<n>X1|X2))$",
        "x{0,3}[[:upper:]]",
        "P{1,2}",
    ] {
        lower(pattern);
    }
    for pattern in [
        "^pump-",
        "^[A-Za-z]",
        "(?i)^PUMP-",
        "^(Pump|pump)-",
        "^P?ump",
        "^[A-Z]*$",
        "(?i:P)ump",
        "^[A-Z0-9]+$",
        ".",
        "",
    ] {
        when(&format!("registrationId.matches('{pattern}')"), &[]);
    }
    idle(
        "cert.sha256Thumbprint.matches('^ab')",
        "`cert.sha256Thumbprint` is always in upper case, and never matches `^ab`",
        "write the letters of the pattern in upper case",
    );
    idle(
        "attestation.matches('^(X509|TPM)$')",
        "`attestation` is always one of `x509`, `symmetricKey`, `tpm`, and never matches `^(X509|TPM)$`",
        "compare it with one of these",
    );
    idle(
        "enrollment.kind.startsWith('Group')",
        "`enrollment.kind` is always one of `group`, `individual`: `startsWith(\"Group\")` is always false",
        "write `group`",
    );
    when("attestation.contains('symmetric')", &[]);
}

#[test]
fn values_that_do_not_exist() {
    for (source, rule, help) in [
        (
            "enrollment.kind == 'enrollmentGroup'",
            "`enrollment.kind` is always one of `group`, `individual`, and never `enrollmentGroup`",
            "write `group`",
        ),
        (
            "'Group' == enrollment.kind",
            "`enrollment.kind` is always one of `group`, `individual`, and never `Group`",
            "write `group`",
        ),
        (
            "attestation == 'tmp'",
            "`attestation` is always one of `x509`, `symmetricKey`, `tpm`, and never `tmp`",
            "write `tpm`",
        ),
        (
            "attestation in ['X509']",
            "`attestation` is always one of `x509`, `symmetricKey`, `tpm`, and never `X509`",
            "write `x509`",
        ),
        (
            "tenant == 'Contoso'",
            "`tenant` is always in lower case, and never `Contoso`",
            "write `contoso`",
        ),
        (
            "enrollment.id == 'Group-1'",
            "`enrollment.id` is always in lower case, and never `Group-1`",
            "write `group-1`",
        ),
        (
            "registrationId == 'Pump'",
            "`registrationId` is always in lower case, and never `Pump`",
            "write `pump`",
        ),
        (
            "registrationId in ['Pump']",
            "`registrationId` is always in lower case, and never `Pump`",
            "write `pump`",
        ),
        (
            "cert.sha1Thumbprint == 'ab'",
            "`cert.sha1Thumbprint` is always in upper case, and never `ab`",
            "write `AB`",
        ),
        (
            "registrationId.startsWith('Pump')",
            "`registrationId` is always in lower case: `startsWith(\"Pump\")` is always false",
            "write `pump`",
        ),
        (
            "registrationId.startsWith('Pump') && iotEdge",
            "`registrationId` is always in lower case: `startsWith(\"Pump\")` is always false",
            "write `pump`",
        ),
        (
            "payload.tags.exists(t, registrationId == 'A')",
            "`registrationId` is always in lower case, and never `A`",
            "write `a`",
        ),
        (
            "registrationId == 7",
            "`registrationId` is string, and `7` is int: they are never equal",
            "compare values of one type",
        ),
    ] {
        idle(source, rule, help);
    }
    when(
        "tenant != 'Contoso'",
        &["warning: `tenant` is always in lower case, and never `Contoso`; write `contoso`"],
    );
}

#[test]
fn expensive_expressions_are_warnings() {
    let square = "warning: its cost grows with the square of what a device sends; beyond 100000 steps or 1048576 bytes of values an expression cannot be evaluated; do not read the payload inside a macro over the payload, and replace or join only with texts of your own";
    for source in [
        "payload.a.all(x, payload.a.all(y, x == y))",
        "payload.tags.map(t, payload.site + '/' + t) == []",
        "payload.s.replace('a', payload.s) == ''",
        "payload.tags.join(payload.s) == ''",
        "payload.tags.all(t, t in payload.tags)",
        "registrationId.matches(payload.pattern)",
        "cert.dnsNames.all(n, n in payload.names)",
    ] {
        when(source, &[square]);
    }
    when(
        r"payload.s.matches('^\\w{100}$')",
        &[
            r"warning: the pattern `^\w{100}$` is large, and a device may send a long text; repeat less in it, or write `[a-z0-9_]` in place of `\w`",
        ],
    );
}

#[test]
fn every_column_with_an_expression_is_checked() {
    let member = "error: `cert.subject` has no member `OU`; did you mean `organizationalUnit`?";
    let bad = "cert.subject.OU";
    let check = |table: &str, row: String, column: &str, expected: &str| {
        assert_eq!(found(table, &row, column), [expected], "{table} {row}");
    };
    check(
        "rules: when",
        format!("acme/1 | {bad} == 'a'"),
        "when",
        member,
    );
    check(
        "rollouts: to steps when",
        format!("acme/1 | a.net | 1% | {bad} == 'a'"),
        "when",
        member,
    );
    check(
        "enrollments: tenants tenantFrom",
        format!("g2 | * | {bad}"),
        "tenantFrom",
        member,
    );
    check(
        "tenants: locationFrom",
        format!("beta | {bad}"),
        "locationFrom",
        member,
    );
    let at =
        "error: at `a.b`: `cert.subject` has no member `OU`; did you mean `organizationalUnit`?";
    let json = format!(r#"{{"a": {{"b": "x ${{{bad}}}"}}}}"#);
    check("twins: tags", format!("*/t | {json}"), "tags", at);
    check("twins: desired", format!("*/t | {json}"), "desired", at);
    check("tenants: reply", format!("beta | {json}"), "reply", at);
    // And the type that its place needs.
    check(
        "enrollments: tenants tenantFrom",
        "g2 | * | iotEdge".to_owned(),
        "tenantFrom",
        "error: `iotEdge` gives bool, and int or uint or string is needed; give a text, such as `payload.site`",
    );
    check(
        "tenants: locationFrom",
        "beta | iotEdge".to_owned(),
        "locationFrom",
        "error: `iotEdge` gives bool, and int or uint or string or list or map is needed; give a text, such as `payload.site`",
    );
    check(
        "twins: tags",
        r#"*/t | {"a": "${payload.?b}"}"#.to_owned(),
        "tags",
        "error: at `a`: `payload.?b` gives optional, which has no form in JSON; add `.orValue(..)` with a default",
    );
    check(
        "twins: tags",
        r#"*/t | {"a": ["x ${payload.y"]}"#.to_owned(),
        "tags",
        "error: at `a`: `${` has no closing `}`; write ${expression} inside strings",
    );
}

#[test]
fn every_problem_of_a_template_is_reported() {
    let row = r#"*/t | {"a": "${nope}", "b": {"c": "${cert.x}"}, "d": "${payload.e}"}"#;
    assert_eq!(found("twins: tags", row, "tags").len(), 2);
}
