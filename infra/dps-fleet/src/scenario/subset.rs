//! Whether a document says at least what is expected.

use serde_json::Value;

/// Adds a sentence for each member that is missing or different; other members do not count.
pub(super) fn compare(path: &str, expected: &Value, found: Option<&Value>, out: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Some(Value::Object(found))) => {
            for (name, value) in expected {
                compare(&format!("{path}.{name}"), value, found.get(name), out);
            }
        }
        (expected, Some(found)) if equal(expected, found) => {}
        (expected, Some(found)) => out.push(format!("{path}: expected {expected}, got {found}")),
        (expected, None) => out.push(format!("{path}: expected {expected}, got nothing")),
    }
}

/// 1 and 1.0 are one number.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(expected: &Value, found: Option<&Value>, sentences: &[&str]) {
        let mut out = Vec::new();
        compare("twin", expected, found, &mut out);
        assert_eq!(out, sentences);
    }

    #[test]
    fn only_what_is_expected_counts() {
        let found = json!({"tags": {"a": 1, "b": [1, 2]}, "x": null});
        check(&json!({}), Some(&found), &[]);
        check(&json!({"tags": {"a": 1.0}}), Some(&found), &[]);
        check(&json!({"tags": {"b": [1, 2]}}), Some(&found), &[]);
        check(
            &json!({"tags": {"a": "1", "b": [1], "c": {"d": true}}}),
            Some(&found),
            &[
                "twin.tags.a: expected \"1\", got 1",
                "twin.tags.b: expected [1], got [1,2]",
                "twin.tags.c: expected {\"d\":true}, got nothing",
            ],
        );
        check(
            &json!({"a": 1}),
            None,
            &["twin: expected {\"a\":1}, got nothing"],
        );
    }
}
