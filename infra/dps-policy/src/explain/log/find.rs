//! Decisions in a text, however a tool has wrapped them.
//!
//! People copy a line from a terminal (with a time before it), from a query of Application Insights
//! (a CSV file, where quotes are doubled; JSON with the line as a text in it), or from a tool that
//! has parsed the line and written it anew, with other blanks and in another order.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Texts in texts in texts: a message in a row in an answer of a query has three.
const MAX_DEPTH: usize = 4;

/// Every decision in the text, as JSON; one that is there twice counts once.
pub(super) fn decisions(text: &str) -> Vec<String> {
    find(text, MAX_DEPTH)
}

fn find(text: &str, depth: usize) -> Vec<String> {
    let undoubled = || text.replace("\"\"", "\"");
    // The first form in which there is one: an undoubled text may still be JSON, and wrong.
    let forms: [&dyn Fn() -> String; 4] = [
        &|| text.to_owned(),
        &|| unescaped(text),
        &undoubled,
        &|| unescaped(&undoubled()),
    ];
    let mut found = forms.iter().map(|form| objects(&form(), depth));
    let mut found = found.find(|it| !it.is_empty()).unwrap_or_default();
    let mut seen = BTreeSet::new();
    found.retain(|decision| seen.insert(decision.clone()));
    found
}

/// The objects that are decisions, and those in the texts of others.
fn objects(text: &str, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let object = rest.get(start..).unwrap_or_default();
        let mut parsed = serde_json::Deserializer::from_str(object).into_iter::<&RawValue>();
        let Some(Ok(raw)) = parsed.next() else {
            rest = object.get(1..).unwrap_or_default();
            continue;
        };
        let raw = raw.get();
        if is_decision(raw) {
            found.push(raw.to_owned());
        } else if let (Some(depth), Ok(value)) = (depth.checked_sub(1), serde_json::from_str(raw)) {
            add_texts(&value, depth, &mut found);
        }
        rest = object.get(raw.len()..).unwrap_or_default();
    }
    found
}

fn add_texts(value: &Value, depth: usize, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains('{') => found.extend(find(text, depth)),
        Value::Array(values) => values.iter().for_each(|it| add_texts(it, depth, found)),
        Value::Object(members) => {
            let decision = members.get("log").is_some_and(|it| it == "decision");
            if decision {
                found.push(value.to_string());
            } else {
                members.values().for_each(|it| add_texts(it, depth, found));
            }
        }
        _ => {}
    }
}

fn is_decision(object: &str) -> bool {
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow)]
        log: Cow<'a, str>,
    }
    let kind: Result<Kind<'_>, _> = serde_json::from_str(object);
    kind.is_ok_and(|kind| kind.log == "decision")
}

/// The text without the backslashes that a JSON string has.
fn unescaped(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\\' {
            unescaped.extend(characters.next());
        } else {
            unescaped.push(character);
        }
    }
    unescaped
}
