//! No expression and no payload cost more than the budget.

use proptest::prelude::*;

use super::super::budget::{BYTES, STEPS};
use super::super::variable::Variable;
use super::super::{Budget, Expression, Failure, Inputs, Outcome, PatternBudget};
use super::differential::expressions;
use crate::registration::Registration;

/// What an evaluation may take at once: what it makes, an element that grows, a pattern.
const MAX_BYTES: u64 = 3 * BYTES as u64;

struct Spent {
    outcome: Outcome,
    steps: usize,
}

/// Evaluates an expression over a payload, and counts what that takes.
#[track_caller]
fn spent(source: &str, payload: &str) -> Spent {
    let body = format!(
        r#"{{"enrollmentGroup": {{"enrollmentGroupId": "g"}}, "linkedHubs": [],
        "deviceRuntimeContext": {{"registrationId": "a", "payload": {payload}}}}}"#
    );
    let registration = Registration::parse(body.as_bytes()).unwrap();
    let inputs = Inputs::new(&registration, None, super::NOW);
    let expression = Expression::read(source, &PatternBudget::default())
        .unwrap_or_else(|it| panic!("{source}: {it:?}"));
    // Reading the payload is not part of the evaluation.
    inputs.readable(Variable::Payload).unwrap();
    let (budget, mut outcome) = (Budget::default(), None);
    let taken = allocation_counter::measure(|| {
        outcome = Some(expression.evaluate_within(&inputs, &budget).unwrap());
    });
    assert!(
        taken.bytes_max <= MAX_BYTES,
        "{source} takes {} bytes",
        taken.bytes_max
    );
    // A step makes a few values; what makes more of them takes more steps.
    let max = 8 * STEPS as u64;
    assert!(
        taken.count_total <= max,
        "{source} takes {} allocations",
        taken.count_total
    );
    let (steps, bytes) = budget.spent();
    assert!(steps <= STEPS && bytes <= BYTES, "{source}");
    Spent {
        outcome: outcome.unwrap(),
        steps,
    }
}

/// `[0, 1, ..]`
fn numbers(many: usize) -> String {
    let numbers: Vec<String> = (0..many).map(|number| number.to_string()).collect();
    format!("[{}]", numbers.join(","))
}

/// What a device can send in one request.
fn hostile() -> String {
    let text = "a".repeat(60_000);
    let tags: Vec<String> = (0..4_000).map(|number| format!("\"t{number}\"")).collect();
    let members: Vec<String> = (0..4_000)
        .map(|number| format!("\"k{number}\":{number}"))
        .collect();
    format!(
        r#"{{"a": {}, "s": "{text}", "tags": [{}], "m": {{{}}}, "deep": {}1{}, "re": "(a|b|ab)*c"}}"#,
        numbers(8_000),
        tags.join(","),
        members.join(","),
        "[".repeat(100),
        "]".repeat(100),
    )
}

#[test]
fn expensive_evaluations_are_over_budget() {
    let payload = hostile();
    for source in [
        "payload.a.all(x, payload.a.all(y, x != y - 100000))",
        "payload.a.exists(x, payload.a.exists(y, x == y + 100000))",
        "payload.a.map(x, payload.a.map(y, x + y)).size() > 0",
        "payload.a.filter(x, payload.a.filter(y, x == y).size() == 3).size() > 0",
        "payload.a.exists_one(x, payload.a.exists_one(y, x == y + 100000))",
        "payload.tags.map(t, payload.s + '/' + t).size() > 0",
        "payload.tags.all(t, payload.s != payload.s + t)",
        "payload.s.replace('a', payload.s).size() > 0",
        "payload.s.replace('', payload.s).size() > 0",
        "payload.tags.join(payload.s).size() > 0",
        "payload.tags.all(t, payload.s.contains(t + '!') == false)",
        "payload.tags.all(t, !payload.s.matches('x' + t))",
        "payload.tags.all(t, payload.s.split('a').size() > 0)",
        "payload.tags.all(t, '%s %s'.format([payload.s, t]) != '')",
        "payload.tags.all(t, '%s'.format([payload.a]) != '')",
        "payload.tags.all(t, payload.a == payload.a)",
        "payload.tags.all(t, payload.m == payload.m)",
        "payload.tags.all(t, payload.m.all(k, true))",
        "payload.tags.all(t, payload.s == payload.s)",
        "payload.tags.all(t, payload.s <= payload.s)",
        "payload.tags.all(t, payload.a + payload.a != [])",
        "payload.tags.all(t, !(t in payload.tags && t + 'x' in payload.tags))",
        "payload.tags.all(t, bytes(payload.s).size() > 0)",
        "payload.tags.all(t, string(bytes(payload.s)).size() > 0)",
        "payload.tags.all(t, payload.s.reverse() != t)",
        "payload.tags.all(t, payload.s.substring(1) != t)",
        "payload.tags.all(t, payload.s.lastIndexOf('b') == -1)",
        "payload.tags.all(t, payload.s.size() > 0)",
        "payload.tags.all(t, payload.s.trim().upperAscii() != t)",
        "payload.tags.all(t, t.matches(payload.re) || true)",
        "payload.tags.map(t, payload.a)",
        "payload.tags.map(t, [payload.a, payload.a])",
        "payload.s.split('').map(c, c + 'b')",
        // What goes over the budget in one operand decides nothing by the other.
        "payload.s.replace('a', payload.s) == '' || true",
        "payload.s.replace('a', payload.s) != '' && false",
        "[1].exists(x, payload.s.replace('a', payload.s) == '') || true",
    ] {
        let outcome = spent(source, &payload).outcome;
        let over = matches!(outcome, Outcome::Failed(Failure::OverBudget));
        assert!(over, "{source}: {outcome:.100?}");
    }
}

/// Doubling a value, by every operation that can, without any payload.
#[test]
fn doubling_is_over_budget() {
    let folded = |step: &str, times: usize| {
        let mut source = "[['abcdefghijklmnop']]".to_owned();
        for _ in 0..times {
            source = format!("{source}.map(x, {step})");
        }
        source
    };
    for source in [
        folded("x + x", 40),
        folded("[x, x]", 40),
        folded("{'a': x, 'b': x}", 40),
        format!("{} == []", folded("x + x", 40)),
        format!("'%s'.format([{}])", folded("[x, x]", 40)),
        "['a'].map(x, x + x)".replace("x + x", &vec!["x"; 400].join(" + "))
            + ".map(x, x.replace('a', x)).map(x, x.replace('a', x))",
    ] {
        let outcome = spent(&source, "null").outcome;
        let over = matches!(outcome, Outcome::Failed(Failure::OverBudget));
        assert!(over, "{source}: {outcome:.100?}");
    }
}

/// What people write stays far within it.
#[test]
fn usual_expressions_cost_little() {
    let tags: Vec<String> = (0..500).map(|number| format!("\"tag-{number}\"")).collect();
    let payload = format!(
        r#"{{"model": "x-7", "site": "berlin", "n": 7, "s": "{}", "tags": [{}]}}"#,
        "text ".repeat(1_000),
        tags.join(",")
    );
    for (source, max) in [
        ("registrationId.startsWith('a')", 5),
        ("registrationId.matches('^[a-z0-9-]{1,128}$')", 10),
        ("payload.model == 'x-7' && payload.n > 3", 20),
        ("payload.?model.orValue('') != 'x'", 20),
        ("payload.tags.exists(t, t == 'tag-499')", 4_000),
        ("payload.tags.map(t, t.upperAscii())", 5_000),
        (
            "payload.tags.filter(t, t.endsWith('9')).map(t, {'name': t})",
            6_000,
        ),
        (
            "['^a', '^b', '^c'].exists(p, registrationId.matches(p))",
            5_000,
        ),
        ("payload.s.contains('none')", 200),
        ("payload.s.matches('^[a-z ]+$')", 6_000),
        ("payload", 2_000),
    ] {
        let spent = spent(source, &payload);
        assert!(
            matches!(spent.outcome, Outcome::Value(_)),
            "{source}: {:.100?}",
            spent.outcome
        );
        assert!(spent.steps <= max, "{source} takes {} steps", spent.steps);
    }
}

/// Payloads with every member that the expressions name, some of them long.
fn payloads() -> impl Strategy<Value = String> {
    let text = (0..20_000_usize).prop_map(|long| "ab".repeat(long));
    (text, 0..3_000_usize, "(7|\"a\"|null|[1-9])").prop_map(|(text, many, other)| {
        let numbers = numbers(many);
        format!(
            r#"{{"n": {other}, "m": "{text}", "u": 1, "f": 1.5, "t": "{text}", "e": "", "b": true,
            "z": null, "l": {numbers}, "w": ["{text}", "a"], "o": {{"a": {numbers}, "o": "{text}"}},
            "d": [{numbers}, {numbers}], "x": [{other}, "{text}", {numbers}]}}"#
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_expression_and_no_payload_cost_more(
        source in expressions(),
        outer in "(l|w|d|x|o)",
        payload in payloads(),
    ) {
        // Once alone, and once for each element of a list that the device sends.
        let folded = format!("payload.{outer}.map(y, {source})");
        for source in [source, folded] {
            if Expression::read(&source, &PatternBudget::default()).is_ok() {
                spent(&source, &payload);
            }
        }
    }
}
