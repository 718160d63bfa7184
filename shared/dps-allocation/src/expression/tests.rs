mod cost;
mod differential;

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::compiled::MAX_LENGTH;
use super::{DeviceView, Expression, Failure, Inputs, Outcome, PatternBudget, Problem, function};
use crate::registration::Registration;

/// A moment in 1970.
const NOW: jiff::Timestamp = jiff::Timestamp::constant(1_000_000, 0);

const BODY: &str = r#"{
    "enrollmentGroup": {"enrollmentGroupId": "Group-1", "capabilities": {"iotEdge": true}},
    "deviceRuntimeContext": {
        "registrationId": "Pump-7",
        "currentIotHubHostName": "Weu.net",
        "tpm": {},
        "payload": {"n": 7, "u": 18446744073709551615, "f": 1.5, "t": "text", "l": [1, 2]}
    },
    "linkedHubs": []
}"#;

fn compile(source: &str) -> Result<Expression, Vec<Problem>> {
    Expression::compile(source, &PatternBudget::default())
}

fn evaluated(source: &str) -> Outcome {
    evaluate(&compile(source).unwrap_or_else(|errors| panic!("{errors:?}")))
}

fn evaluate(expression: &Expression) -> Outcome {
    let registration = Registration::parse(BODY.as_bytes()).unwrap();
    let view = DeviceView {
        tenant: Some("acme"),
        location: None,
        hub: Some("a.net"),
        profile: None,
        attributes: None,
    };
    let inputs = Inputs::new(&registration, Some(view), NOW);
    expression.evaluate(&inputs).unwrap()
}

#[track_caller]
fn holds(source: &str) {
    let outcome = evaluated(source);
    assert!(
        matches!(outcome, Outcome::Value(Json::Bool(true))),
        "{source}: {outcome:?}"
    );
}

/// Each function that may be called, with a call of it that holds.
const CALLS: [(&str, &str); function::SIGNATURES.len()] = [
    ("bool", "bool('true')"),
    ("bytes", "bytes('a') == b'a'"),
    ("charAt", "'abc'.charAt(1) == 'b'"),
    ("contains", "'abc'.contains('b')"),
    ("double", "double('1.5') == 1.5"),
    (
        "duration",
        "duration('1h30m') == duration('90m') && string(duration('-1.5s')) == '-1.5s'",
    ),
    ("dyn", "dyn(1) == 1"),
    ("endsWith", "'abc'.endsWith('c')"),
    ("format", "'%s-%d'.format(['a', 1]) == 'a-1'"),
    (
        "hasValue",
        "payload.?t.hasValue() && !payload.?gone.hasValue()",
    ),
    ("indexOf", "'abc'.indexOf('c') == 2"),
    ("int", "int('7') == 7"),
    ("join", "['a', 'b'].join('-') == 'a-b'"),
    ("lastIndexOf", "'aba'.lastIndexOf('a') == 2"),
    ("lowerAscii", "'AbC'.lowerAscii() == 'abc'"),
    ("matches", "'abc'.matches('^a.c$')"),
    ("or", "payload.?gone.or(payload.?t).hasValue()"),
    ("orValue", "payload.?gone.?more.orValue(2) == 2"),
    ("replace", "'aba'.replace('a', 'c') == 'cbc'"),
    ("reverse", "'abc'.reverse() == 'cba'"),
    ("size", "size([1, 2]) == 2 && 'abc'.size() == 3"),
    ("split", "'a,b'.split(',') == ['a', 'b']"),
    ("startsWith", "'abc'.startsWith('a')"),
    ("string", "string(7) == '7'"),
    ("substring", "'abc'.substring(1, 2) == 'b'"),
    (
        "timestamp",
        "timestamp('2026-12-01') == timestamp('2026-12-01T01:00+01:00') && timestamp(0) < now",
    ),
    ("trim", "' a '.trim() == 'a'"),
    (
        "type",
        "type(1) == int && type('a') == string && type([]) == list && type({}) == map",
    ),
    ("uint", "uint(7) == 7u"),
    ("upperAscii", "'abc'.upperAscii() == 'ABC'"),
    ("value", "payload.?t.value() == 'text'"),
];

#[test]
fn every_function_that_may_be_called_exists() {
    let called: BTreeSet<&str> = CALLS.into_iter().map(|(name, _)| name).collect();
    let callable = function::SIGNATURES.iter().map(|it| it.name);
    assert_eq!(called, callable.collect());
    for (_, call) in CALLS {
        holds(call);
    }
}

#[test]
fn every_variable_is_what_the_registration_says() {
    holds("registrationId == 'pump-7' && registrationIdAsWritten == 'Pump-7'");
    holds("enrollment.id == 'group-1' && enrollment.kind == 'group'");
    holds("attestation == 'tpm'");
    holds("cert == null && iotEdge && tenant == null");
    holds("currentHub == 'weu.net'");
    holds("device.tenant == 'acme' && device.hub == 'a.net' && !has(device.location)");
    holds("payload.n == 7 && payload.f == 1.5 && payload.t == 'text' && payload.l[1] == 2");
    holds("payload.u == 18446744073709551615u");
}

#[test]
fn times_add_up_and_compare() {
    holds("now == timestamp(1000000) && int(now) == 1000000");
    holds("now + duration('10s') == timestamp(1000010) && duration('10s') + now > now");
    holds(
        "now - duration('10s') == timestamp(999990) && now - timestamp(0) == duration('1000000s')",
    );
    holds("duration('1h') - duration('90m') == duration('-30m')");
    holds("duration('1h') + duration('30m') < duration('2h') && now >= now && now != timestamp(0)");
    holds("string(now) == '1970-01-12T13:46:40Z' && '%s'.format([now - now]) == '0s'");
    // Seconds beyond the last point: a certificate that does not expire.
    holds("timestamp(253402300799) > now && timestamp(253402300799) - now > duration('720h')");
    holds("timestamp(9223372036854775807) > now && timestamp(-9223372036854775807) < now");
    holds("timestamp(payload.n) == timestamp(7) && [now].exists(t, t == now)");
    holds("type(now) == type(timestamp(0)) && type(now) != type(duration('1s'))");
}

#[test]
fn times_out_of_range_fail() {
    let fails = |source: &str| {
        let outcome = evaluated(source);
        assert!(
            matches!(outcome, Outcome::Failed(Failure::Range(_))),
            "{source}: {outcome:?}"
        );
    };
    fails("timestamp(payload.t) == now");
    fails("duration(payload.t) == duration('1s')");
    fails("now + duration('9000000000000000s') == now");
}

#[test]
fn an_individual_enrollment_may_set_the_device_id() {
    let check = |enrollment: &str, expected: Option<&str>| {
        let body = format!(
            r#"{{{enrollment}, "deviceRuntimeContext": {{"registrationId": "wioterminal"}},
            "linkedHubs": []}}"#
        );
        let registration = Registration::parse(body.as_bytes()).unwrap();
        let inputs = Inputs::new(&registration, None, NOW);
        let expression = compile("enrollment.deviceId").unwrap();
        let outcome = expression.evaluate(&inputs).unwrap();
        assert_eq!(outcome.text().as_deref(), expected, "{enrollment}");
    };
    let individual = |device: &str| {
        format!(r#""individualEnrollment": {{"registrationId": "wioterminal"{device}}}"#)
    };
    check(
        &individual(r#", "deviceId": "WioTerminal""#),
        Some("WioTerminal"),
    );
    check(&individual(""), None);
    check(&individual(r#", "deviceId": null"#), None);
    check(&individual(r#", "deviceId": 7"#), None);
    check(
        r#""enrollmentGroup": {"enrollmentGroupId": "g", "deviceId": "X"}"#,
        None,
    );
}

#[test]
fn macros_bind_their_own_names() {
    holds("payload.l.exists(x, x == 2)");
    holds("payload.l.all(i, i > 0)");
    holds("payload.l.exists_one(i, i == 1)");
    holds("payload.l.map(i, i * 2) == [2, 4]");
    holds("payload.l.filter(i, i > 1) == [2]");
    holds("payload.l.all(i, payload.l.exists(j, j == i))");
    holds("{'a': 1}.all(k, k == 'a')");
}

/// What an expression makes of a place that wants a text.
#[track_caller]
fn text(source: &str, expected: Result<&str, &str>) {
    let outcome = evaluated(source);
    let text = outcome.text().ok_or_else(|| outcome.absence());
    let text = text.as_deref().map_err(|absence| &**absence);
    assert_eq!(text, expected, "{source}");
}

#[test]
fn texts_and_whole_numbers_are_ids_and_locations() {
    text("payload.t", Ok("text"));
    text("payload.n", Ok("7"));
    text("payload.u", Ok("18446744073709551615"));
    text("payload.f", Err("it has another type"));
    text("payload.l", Err("it has another type"));
    text("iotEdge", Err("it has another type"));
    text("tenant", Err("it is null"));
    text("payload.gone", Err("there is no `gone`"));
    text("payload.l[7]", Err("the list has no such element"));
    text("cert.subject", Err("the request has no certificate"));
    text(
        "tenant.size()",
        Err("`size` does not fit the type null_type"),
    );
    text(
        "payload.t.gone",
        Err("`.gone` does not fit the type string"),
    );
    text(
        "payload.n + 'x'",
        Err("`+` does not fit the type int with string"),
    );
    text("payload.n / 0", Err("a value is out of the range of `/`"));
}

/// Not even an expression that the check of the policy would refuse can panic.
#[test]
fn type_errors_are_failures() {
    for source in [
        "9223372036854775807 + payload.n",
        "-9223372036854775807 - payload.n",
        "payload.n * 9223372036854775807",
        "-(-9223372036854775807 - 1)",
        "(-9223372036854775807 - 1) / -1",
        "(-9223372036854775807 - 1) % -1",
        "payload.n / 0",
        "payload.n % 0",
        "payload.u + 1u",
        "0u - 1u",
        "payload.l['a']",
        "payload.t[0]",
        "int(1e300)",
        "int('x')",
        "int(payload.u)",
        "uint(-1)",
        "double('x')",
        "bool('x')",
        "'abc'.substring(2, 1)",
        "'abc'.substring(-1)",
        "'abc'.substring(4)",
        "'abc'.charAt(4)",
        "'abc'.charAt(-1)",
        "'a'.matches('(' + '')",
        "'%d'.format(['x'])",
        "'%s'.format([])",
        "'%y'.format([1])",
        "size(7)",
        "'a' < 1",
        "[1] + 1",
        "1 in 'abc'",
        "'abc'.indexOf('a', 9)",
        "'abc'.lastIndexOf('a', -9)",
        "['a', 1].join('')",
        "payload.l.map(i, i / 0)",
    ] {
        let unchecked = Expression::read(source, &PatternBudget::default());
        let outcome = evaluate(&unchecked.unwrap());
        let Outcome::Failed(failure) = outcome else {
            panic!("{source}: {outcome:?}")
        };
        assert!(!matches!(failure, Failure::OverBudget), "{source}");
    }
}

/// A key, an element or an optional that is missing is not a failure.
#[test]
fn missing_values_are_absent() {
    for source in [
        "payload.gone",
        "payload['gone']",
        "payload.gone.more == 1",
        "payload.l[2]",
        "payload.l[-1]",
        "{'a': 1}.b",
        "payload.?gone.value()",
        "cert.subject.commonName == 'a'",
        "device.location",
        "payload.gone == 1 && true",
        "payload.gone == 1 || false",
        "payload.l.exists(i, payload.gone == i)",
        "tenant",
        "null",
    ] {
        let outcome = evaluated(source);
        assert!(
            matches!(outcome, Outcome::Absent(_)),
            "{source}: {outcome:?}"
        );
    }
}

/// Where both operands have no value, a failure is not hidden behind something missing.
#[test]
fn a_failure_counts_more_than_something_missing() {
    for source in [
        "payload.gone == 1 && payload.t > 1",
        "payload.t > 1 && payload.gone == 1",
        "payload.gone == 1 || payload.t > 1",
        "payload.t > 1 || payload.gone == 1",
        "[payload.t, payload.n].all(x, x > 1 && payload.gone)",
    ] {
        let outcome = evaluated(source);
        assert!(
            matches!(outcome, Outcome::Failed(_)),
            "{source}: {outcome:?}"
        );
    }
}

#[test]
fn sources_of_any_nesting_fit_the_stack_of_a_thread() {
    let repeated = |open: &str, inner: &str, close: &str| {
        let times = (MAX_LENGTH - inner.len()) / (open.len() + close.len());
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    let sources = [
        repeated("(", "1", ")"),
        repeated("(", "", ""),
        repeated("[", "1", "]"),
        repeated("[", "", ""),
        repeated("{1:", "1", "}"),
        repeated("!", "true", ""),
        repeated("-(", "1", ")"),
        repeated("true?", "1", ":1"),
        repeated("true?1:", "1", ""),
        repeated("", "payload", ".a"),
        repeated("", "payload", "['a']"),
        repeated("1+", "1", ""),
        repeated("true&&", "true", ""),
        repeated("1==", "1", ""),
        repeated("size(", "'a'", ")"),
        repeated("", "'a'", ".trim()"),
        repeated("[1].all(x,", "true", ")"),
        repeated("a{b:", "1", "}"),
    ];
    // What `std` gives a thread, and Tokio its workers.
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
    let deepest = thread.spawn(move || {
        for source in sources {
            if compile(&source).is_ok() {
                evaluated(&source);
            }
        }
    });
    deepest.unwrap().join().unwrap();
}
