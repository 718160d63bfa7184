use std::collections::BTreeSet;

use super::*;
use crate::registration::Registration;

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

fn evaluated(source: &str) -> Outcome {
    let registration = Registration::parse(BODY.as_bytes()).unwrap();
    let view = DeviceView {
        tenant: Some("acme"),
        location: None,
        hub: Some("a.net"),
    };
    let inputs = Inputs::new(&registration, Some(view));
    let expression = Expression::compile(source).unwrap_or_else(|error| panic!("{error}"));
    expression.evaluate(&inputs).unwrap()
}

#[track_caller]
fn holds(source: &str) {
    let outcome = evaluated(source);
    assert!(
        matches!(outcome, Outcome::Value(Value::Bool(true))),
        "{source}: {outcome:?}"
    );
}

/// Each function that may be called, with a call of it that holds.
const CALLS: [(&str, &str); FUNCTIONS.len()] = [
    ("bool", "bool('true')"),
    ("bytes", "bytes('a') == b'a'"),
    ("charAt", "'abc'.charAt(1) == 'b'"),
    ("contains", "'abc'.contains('b')"),
    ("double", "double('1.5') == 1.5"),
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
fn every_function_that_is_admitted_exists() {
    let called: BTreeSet<&str> = CALLS.into_iter().map(|(name, _)| name).collect();
    assert_eq!(called, BTreeSet::from(FUNCTIONS));
    for (_, call) in CALLS {
        holds(call);
    }
}

#[test]
fn every_variable_is_what_the_registration_says() {
    holds("registrationId == 'pump-7'");
    holds("enrollment.id == 'group-1' && enrollment.kind == 'group'");
    holds("attestation == 'tpm'");
    holds("cert == null && iotEdge && tenant == null");
    holds("currentHub == 'weu.net'");
    holds("device.tenant == 'acme' && device.hub == 'a.net' && !has(device.location)");
    holds("payload.n == 7 && payload.f == 1.5 && payload.t == 'text' && payload.l[1] == 2");
    holds("payload.u == 18446744073709551615u");
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

#[track_caller]
fn refused(source: &str, expected: &str) {
    let error = Expression::compile(source).unwrap_err().to_string();
    assert_eq!(error, expected);
}

#[test]
fn names_that_do_not_exist_are_refused() {
    refused(
        "paylod.x",
        "`paylod.x` names `paylod`, which does not exist",
    );
    refused(
        "Payload.x",
        "`Payload.x` names `Payload`, which does not exist",
    );
    refused(
        "[1].all(i, j > 0)",
        "`[1].all(i, j > 0)` names `j`, which does not exist",
    );
    refused("now()", "`now()` calls `now`, which does not exist");
    refused(
        "'a'.upper()",
        "`'a'.upper()` calls `upper`, which does not exist",
    );
    refused(
        "timestamp('2026-01-01T00:00:00Z')",
        "`timestamp('2026-01-01T00:00:00Z')` calls `timestamp`, which does not exist",
    );
    let long = "1".repeat(MAX_LENGTH + 1);
    refused(
        &long,
        "the expression has 2001 characters; 2000 are allowed",
    );
}

/// What an expression makes of a place that wants a text.
#[track_caller]
fn text(source: &str, expected: Result<&str, &str>) {
    let outcome = evaluated(source);
    let text = outcome.text();
    assert_eq!(
        text.as_deref().ok_or_else(|| outcome.absence()),
        expected,
        "{source}"
    );
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
    text("payload.t.gone", Err("it does not fit the values"));
    text("payload.n + 'x'", Err("it does not fit the values"));
}

/// What a device or a typo can make of an expression never panics and never shows a value.
#[test]
fn errors_are_absences() {
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
        "payload.l[2]",
        "payload.l[-1]",
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
        "'a'.matches('(')",
        "'%d'.format(['x'])",
        "'%s'.format([])",
        "'%y'.format([1])",
        "size(7)",
        "'a' < 1",
        "[1] + 1",
        "{'a': 1}.b",
        "payload.?gone.value()",
        "1 in 'abc'",
        "'abc'.indexOf('a', 9)",
        "'abc'.lastIndexOf('a', -9)",
        "['a', 1].join('')",
        "payload.l.map(i, i / 0)",
    ] {
        let Ok(_) = Expression::compile(source) else {
            continue;
        };
        let outcome = evaluated(source);
        let Outcome::Absent(why) = outcome else {
            panic!("{source}: {outcome:?}")
        };
        assert!(
            why == "it does not fit the values" || why.starts_with("there is no `"),
            "{source}: {why}"
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
            if Expression::compile(&source).is_ok() {
                evaluated(&source);
            }
        }
    });
    deepest.unwrap().join().unwrap();
}
