//! The same results as `cel`'s own interpreter, for any expression that costs little.

mod reference;

use proptest::prelude::*;

use self::reference::{by_cel, is_cel};
use super::super::kinds::Kinds;
use super::super::{Expression, Inputs, Outcome, PatternBudget};
use crate::registration::Registration;

const PAYLOAD: &str = r#"{"n": 7, "m": -3, "u": 18446744073709551615, "f": 1.5, "t": "Text, é",
    "e": "", "b": true, "z": null, "l": [1, 2, 3], "w": ["a", "b", "é"], "o": {"a": 1, "b": "x"},
    "d": [[1], [2, 3], []], "x": [1, "a", null]}"#;

/// What we make of it.
fn by_us(source: &str) -> (Expression, Option<serde_json::Value>) {
    let body = format!(
        r#"{{"enrollmentGroup": {{"enrollmentGroupId": "g"}}, "linkedHubs": [],
        "deviceRuntimeContext": {{"registrationId": "a", "payload": {PAYLOAD}}}}}"#
    );
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let inputs = Inputs::new(&registration, None, super::NOW);
    let expression = Expression::read(source, &PatternBudget::default())
        .unwrap_or_else(|it| panic!("{source}: {it:?}"));
    let value = match expression.evaluate(&inputs).unwrap() {
        Outcome::Value(json) => Some(json),
        Outcome::Absent(_) | Outcome::Failed(_) => None,
    };
    (expression, value)
}

/// The value is that of `cel`, and what was said of it without a request is true.
#[track_caller]
fn check(source: &str) {
    let (expression, value) = by_us(source);
    assert_eq!(value, by_cel(source), "{source}");
    let (Some(value), checked) = (value, &expression.checked) else {
        return;
    };
    let fits = |kinds: Kinds| checked.errors.is_empty() && !checked.gives.kinds.meets(kinds);
    let wrong = match &value {
        serde_json::Value::Bool(_) => fits(Kinds::BOOL),
        serde_json::Value::Number(_) => fits(Kinds::NUMBER),
        serde_json::Value::Array(_) => fits(Kinds::LIST),
        serde_json::Value::Object(_) => fits(Kinds::MAP),
        _ => false,
    };
    assert!(
        !wrong,
        "{source} gives {value}, not {}",
        checked.gives.kinds
    );
    if let (Some(truth), serde_json::Value::Bool(flag)) = (checked.truth, &value) {
        assert_eq!(truth, *flag, "{source}");
    }
}

#[test]
fn known_cases() {
    for source in [
        "payload.t.lastIndexOf('é')",
        "payload.t.lastIndexOf('t', 3)",
        "payload.t.lastIndexOf('T', 0)",
        "'éa'.lastIndexOf('a', 0)",
        "'aaa'.lastIndexOf('aa', 1)",
        "payload.t.indexOf('', 99)",
        "payload.t.indexOf('x', 7)",
        "payload.t.substring(7)",
        "payload.t.substring(8)",
        "payload.t.charAt(7)",
        "'a,b,c'.split(',', 2)",
        "'abc'.split('', 2)",
        "'abc'.split('')",
        "''.split('')",
        "''.split(',')",
        "'abc'.split(',', 0)",
        "'aaaa'.replace('a', 'b', 2)",
        "'aaaa'.replace('', '-')",
        "'aaaa'.replace('', '-', 2)",
        "'%s %d %.2f %e %b %x %X %o %%'.format(['a', 7, 1.5, 1234.5, 5, 255, 'z', 8])",
        "'%s'.format([payload.x])",
        "'%s'.format([payload.o])",
        "'%d'.format(['a'])",
        "'%.101f'.format([1.0])",
        "'%'.format([1])",
        "{1: 'a'}[1u]",
        "{1: 'a'}[1.0]",
        "{1: 'a'}[1.5]",
        "{1u: 'a'} == {1: 'a'}",
        "{1: 'a', 1u: 'b'}",
        "{'a': 1, 'a': 2}",
        "1 in payload.l",
        "1.0 in payload.l",
        "'a' in payload.o",
        "1.5 in payload.o",
        "payload.l[1.0]",
        "payload.l[1.5]",
        "payload.?o.a",
        "payload.?o.a.orValue(3)",
        "payload.?o.?gone.orValue(3)",
        "payload[?'o'].?a.orValue(3)",
        "payload.l[?7].orValue(3)",
        "[?payload.?gone, 1]",
        "{?'a': payload.?gone, 'b': 1}",
        "payload.?z.orValue(3)",
        "payload.?z.hasValue()",
        "has(payload.z)",
        "has(payload.o.gone)",
        "has(payload.gone.more)",
        "type(payload.z) == null_type",
        "type(payload.f)",
        "string(payload.f)",
        "string(1e300)",
        "double('1e5')",
        "int(payload.f)",
        "int(-1.5)",
        "int('+7')",
        "uint(1e19)",
        "bytes('é').size()",
        "b'a' + b'b'",
        "string(b'\\xff')",
        "'é'.size()",
        "payload.l.map(x, x > 1, x * 2)",
        "payload.x.filter(x, x == 1)",
        "payload.x.exists(x, x > 0)",
        "payload.x.all(x, x > 0)",
        "payload.x.exists_one(x, x == 1)",
        "payload.d.map(x, x.map(y, y + 1))",
        "payload.d.map(x, payload.l.filter(y, y in x))",
        "payload.o.all(k, k in ['a', 'b'])",
        "[] + [1]",
        "9223372036854775807 + 1",
        "-9223372036854775808",
        "-5 % 3",
        "-5 / 3",
        "1.0 / 0.0",
        "0.0 / 0.0 == 0.0 / 0.0",
        "1.0 % 2.0",
        "1 == 1.0 && 1u == 1 && 1 < 1.5 && 2u > 1",
        "[1, 2] == [1.0, 2u]",
        "true < false",
        "b'a' < b'b'",
        "null == null",
        "null < null",
        "payload.gone == 1 || true",
        "true || payload.gone == 1",
        "payload.gone == 1 && false",
        "payload.gone == 1 && true",
        "payload.b ? 1 : payload.gone",
        "'abc'.matches('b') && matches('abc', '^a')",
        "payload.t.matches(payload.w[0])",
        "dyn(payload.n) + 1",
        "'abc'.reverse() + 'AbC'.lowerAscii() + ' x '.trim()",
        "payload.w.join('-') + ['a'].join()",
        "payload.l.join()",
    ] {
        check(source);
    }
}

/// Where `cel` appends the keys of a map to a list; the last one is as it was found.
#[test]
fn a_list_with_a_map_has_no_sum() {
    let found = "((payload.l.map(x, payload.n))+(payload)).all(x, (false ? payload.n : payload.b))";
    for source in [
        "([1])+({'a': 1})",
        "([1])+({})",
        "([1])+([2])",
        "(b'a')+(b'b')",
        "(1)+('a')",
        &format!("[7].exists(x, {found}) || [7].map(x, {found})[0]"),
    ] {
        check(source);
    }
}

/// Any expression of a few nodes over the payload; `x` and `y` are bound by macros.
pub(super) fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => "payload\\.(n|m|u|f|t|e|b|z|l|w|o|d|x|gone)",
        3 => "(0|1|2|-1|7|1u|1\\.5|0\\.0|true|false|null|'a'|'é'|''|b'a'|'%s')",
        1 => "(\\[\\]|\\[1, 'a'\\]|\\{\\}|\\{'a': 1\\}|\\{1: 'b'\\})",
        2 => Just("payload".to_owned()),
        2 => Just("x".to_owned()),
    ];
    let binary = "(\\+|-|\\*|/|%|==|!=|<|<=|>|>=|&&|\\|\\|| in )";
    let method = "(contains|startsWith|endsWith|indexOf|lastIndexOf|charAt|substring|split|join|\
        matches|format|orValue)";
    let own = "(size|trim|reverse|lowerAscii|upperAscii|hasValue|value|join)";
    let conversion = "(int|uint|double|string|bool|bytes|type|dyn|size)";
    leaf.prop_recursive(4, 24, 3, move |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            3 => (pair.clone(), binary).prop_map(|((a, b), it)| format!("(({a}){it}({b}))")),
            2 => (pair.clone(), method).prop_map(|((a, b), it)| format!("({a}).{it}({b})")),
            1 => pair.clone().prop_map(|(a, b)| format!("({a}).replace({b}, 'x')")),
            1 => (inner.clone(), own).prop_map(|(a, it)| format!("({a}).{it}()")),
            1 => (inner.clone(), conversion).prop_map(|(a, it)| format!("{it}({a})")),
            1 => (inner.clone(), "(a|o|l|gone)").prop_map(|(a, it)| format!("({a}).{it}")),
            1 => (inner.clone(), "(a|o|gone)").prop_map(|(a, it)| format!("({a}).?{it}")),
            1 => (inner.clone(), "(a|o|gone)").prop_map(|(a, it)| format!("has(({a}).{it})")),
            1 => pair.clone().prop_map(|(a, b)| format!("({a})[{b}]")),
            1 => pair.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
            1 => pair.clone().prop_map(|(a, b)| format!("{{'k': {a}, {b}: 1}}")),
            1 => (pair.clone(), inner.clone()).prop_map(|((a, b), c)| format!("({a} ? {b} : {c})")),
            2 => (pair.clone(), "(all|exists|exists_one)")
                .prop_map(|((a, b), it)| format!("({a}).{it}(x, {b})")),
            // `cel` takes the keys of a map in any order.
            2 => (inner.clone(), "(map|filter)", "(l|w|d|x)")
                .prop_map(|(a, it, list)| format!("payload.{list}.{it}(x, {a})")),
            1 => inner.clone().prop_map(|a| format!("!({a})")),
            1 => inner.prop_map(|a| format!("-({a})")),
        ]
    })
    // Bound once more, so that it is never unknown.
    .prop_map(|source| format!("[7].exists(x, {source}) || [7].map(x, {source})[0]"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_expression(source in expressions()) {
        // Invalid patterns are refused at once.
        prop_assume!(is_cel(&source) && Expression::read(&source, &PatternBudget::default()).is_ok());
        check(&source);
    }
}
