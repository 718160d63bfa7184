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
        // They are possible, if there were such a hub.
        let found = found("rules: when", &format!("acme/1 | {source}"), "when");
        let no_such_row = |it: &String| it.contains("is true for no row of hubs");
        assert!(found.iter().all(no_such_row), "{source}: {found:?}");
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

/// A policy with names of every kind that tables list.
const LISTED: &str = "hubs:\n contoso-weu-1.azure-devices.net\n contoso-neu-1.azure-devices.net\n \
    enrollments: tenants\n factory | acme; globex\n pump-* | acme\n tenants:\n acme\n globex\n";

/// The finding of a condition in a rule of `scope`; none where it has none.
#[track_caller]
fn listed(scope: &str, source: &str, expected: Option<(&str, &str)>) {
    let findings = findings(&format!("{LISTED}rules: when\n{scope}/1 | {source}"));
    let expected = expected.map_or_else(String::new, |(rule, help)| {
        format!("warning: rules {scope}/1, line 11, column when: {rule}; {help}")
    });
    assert_eq!(findings.trim_end(), expected, "{source}");
}

#[test]
fn names_that_no_row_has_are_reported() {
    let tenant = |compared: &str, meant: &str| {
        let rule = format!("`{compared}` is true for no row of tenants");
        (rule, format!("{meant}correct the id, or add the row"))
    };
    for (source, compared, meant) in [
        ("tenant == 'nobody'", "tenant == \"nobody\"", ""),
        ("'nobody' == tenant", "tenant == \"nobody\"", ""),
        ("tenant != 'nobody'", "tenant == \"nobody\"", ""),
        (
            "tenant in ['acme', 'globx']",
            "tenant == \"globx\"",
            "did you mean `globex`? ",
        ),
        ("!(tenant in ['nobody'])", "tenant == \"nobody\"", ""),
        (
            "device.tenant == 'nobody'",
            "device.tenant == \"nobody\"",
            "",
        ),
        (
            "device['tenant'] == 'nobody'",
            "device.tenant == \"nobody\"",
            "",
        ),
        ("iotEdge || tenant == 'nobody'", "tenant == \"nobody\"", ""),
        ("tenant.startsWith('b')", "tenant.startsWith(\"b\")", ""),
        (
            "device.tenant.endsWith('y')",
            "device.tenant.endsWith(\"y\")",
            "",
        ),
        ("tenant.contains('em')", "tenant.contains(\"em\")", ""),
    ] {
        let (rule, help) = tenant(compared, meant);
        listed("*", source, Some((&rule, &help)));
    }
    let hub = "contoso-weu-2.azure-devices.net";
    for given in ["currentHub", "device.hub"] {
        listed(
            "*",
            &format!("{given} == '{hub}'"),
            Some((
                &format!("`{given} == \"{hub}\"` is true for no row of hubs"),
                "did you mean `contoso-weu-1.azure-devices.net`? correct the host name, or add the \
                 row",
            )),
        );
    }
    listed(
        "*",
        "enrollment.id in ['factroy']",
        Some((
            "`enrollment.id == \"factroy\"` is true for no row of enrollments",
            "did you mean `factory`? correct the id, or add the row",
        )),
    );
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
        listed("*", source, None);
    }
}

#[test]
fn a_row_of_one_tenant_is_for_no_other() {
    listed(
        "acme",
        "tenant == 'acme' || device.tenant == 'globex'",
        None,
    );
    listed(
        "acme",
        "tenant == 'globex'",
        Some((
            "`tenant == \"globex\"` is false for every device: the row is for tenant `acme`",
            "leave the comparison out, or write the row for * or for the other tenant",
        )),
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

/// Rules with patterns, and a twin; the findings.
fn with_patterns(rules: usize, pattern: impl Fn(usize) -> String, twin: &str) -> String {
    let rules = (0..rules).map(|number| {
        format!(
            "acme/{number:05} | registrationId.matches('{}')\n",
            pattern(number)
        )
    });
    let rules = rules.collect::<String>();
    findings(&format!(
        "{GOOD}rules: when twin\n{rules}twins: tags\nacme/t | {{\"a\": \"{twin}\"}}\n"
    ))
}

/// Each of these patterns takes 1 MiB; 16 MiB are allowed.
#[test]
fn all_patterns_together_have_a_limit() {
    let large = |number: usize| format!("^([a-z]{{0,400}}){{0,15}}{number}$");
    let no_room = |findings: &str| findings.matches("error: ").count();
    let within = with_patterns(15, large, "none");
    assert_eq!(no_room(&within), 0, "{within}");
    let beyond = with_patterns(40, large, "none");
    assert!(no_room(&beyond) > 20, "{beyond}");
    let rule = "there is no room for the pattern `^([a-z]{0,400}){0,15}39$`: the patterns of all \
                expressions together may have 16 MiB once compiled; write fewer or smaller patterns";
    assert!(beyond.contains(rule), "{beyond}");
    // One that many rows share counts once; small ones fit by the thousand.
    let shared = with_patterns(200, |_| large(0), "none");
    assert_eq!(no_room(&shared), 0, "{shared}");
    let small = with_patterns(2000, |number| format!("^pump-{number}-"), "none");
    assert_eq!(no_room(&small), 0, "{small}");
    // Those of twins count too.
    let twin = "${registrationId.matches('^([a-z]{0,400}){0,15}x$')}";
    let of_twins = std::iter::repeat_n(twin, 40).collect::<String>();
    let beyond = with_patterns(0, large, &of_twins);
    assert!(
        beyond.contains("at `a`: there is no room for the pattern"),
        "{beyond}"
    );
}
