//! JSON for people: what fits is on one line, long documents are cut.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::output::one_line;

/// Most lines of a document; a twin may have hundreds.
const MAX_LINES: usize = 20;

/// Lays out a document; numbers and texts stay as they are.
pub(super) fn lay_out(document: &RawValue, width: usize, text: &mut String) {
    let mut lines = Vec::new();
    add(("", document, ""), 0, width, &mut lines);
    for line in lines.iter().take(MAX_LINES) {
        text.push_str(&one_line(line));
        text.push('\n');
    }
    if let more @ 1.. = lines.len().saturating_sub(MAX_LINES) {
        let _infallible = writeln!(text, "({more} more lines, see --json)");
    }
}

/// Adds a value between what stands before and after it on its lines.
fn add(
    (before, value, after): (&str, &RawValue, &str),
    depth: usize,
    width: usize,
    lines: &mut Vec<String>,
) {
    let indent = "  ".repeat(depth);
    let line = format!("{indent}{before}{}{after}", value.get());
    if line.chars().count() <= width {
        return lines.push(line);
    }
    let Some(Members { brackets, values }) = Members::of(value) else {
        return lines.push(line);
    };
    let (open, close) = brackets;
    lines.push(format!("{indent}{before}{open}"));
    let mut values = values.into_iter().peekable();
    while let Some((name, value)) = values.next() {
        let comma = if values.peek().is_some() { "," } else { "" };
        add((&name, value, comma), depth + 1, width, lines);
    }
    lines.push(format!("{indent}{close}{after}"));
}

/// What is in an object or array.
struct Members<'v> {
    brackets: (char, char),
    /// Each with what stands before it: `"name": `, or nothing.
    values: Vec<(String, &'v RawValue)>,
}

impl<'v> Members<'v> {
    /// None for other values.
    fn of(value: &'v RawValue) -> Option<Self> {
        let raw = value.get();
        if let Ok(object) = serde_json::from_str::<BTreeMap<String, &RawValue>>(raw) {
            let named = |(name, value)| (format!("{}: ", Value::String(name)), value);
            return Some(Self {
                brackets: ('{', '}'),
                values: object.into_iter().map(named).collect(),
            });
        }
        let array: Vec<&RawValue> = serde_json::from_str(raw).ok()?;
        let unnamed = |value| (String::new(), value);
        Some(Self {
            brackets: ('[', ']'),
            values: array.into_iter().map(unnamed).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document: &str, width: usize, expected: &str) {
        let mut text = String::new();
        lay_out(serde_json::from_str(document).unwrap(), width, &mut text);
        assert_eq!(text, expected);
    }

    #[test]
    fn what_fits_is_on_one_line() {
        check(r#"{"a":1}"#, 7, "{\"a\":1}\n");
        check(
            r#"{"a":{"b":[10,2.50]},"c\"":"d"}"#,
            17,
            "{\n  \"a\": {\n    \"b\": [\n      10,\n      2.50\n    ]\n  },\n  \"c\\\"\": \"d\"\n}\n",
        );
        check(
            r#"{"a":{"b":[10]},"c":1}"#,
            18,
            "{\n  \"a\": {\"b\":[10]},\n  \"c\": 1\n}\n",
        );
        check("[1,[22]]", 7, "[\n  1,\n  [22]\n]\n");
        check(r#""a long text""#, 5, "\"a long text\"\n");
    }

    #[test]
    fn long_documents_are_cut() {
        let items = vec!["1"; 30].join(",");
        let mut text = String::new();
        lay_out(
            serde_json::from_str(&format!("[{items}]")).unwrap(),
            10,
            &mut text,
        );
        assert_eq!(text.lines().count(), MAX_LINES + 1);
        assert!(
            text.ends_with("  1,\n(12 more lines, see --json)\n"),
            "{text}"
        );
    }
}
