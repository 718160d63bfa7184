//! What the text of an expression reads, and the values that it compares with.

use std::collections::BTreeSet;

use serde_json::{Number, Value};

/// Paths such as `payload.site.id` that an expression reads of a root.
pub(super) fn paths(text: &str, root: &str) -> BTreeSet<Vec<String>> {
    let mut paths = BTreeSet::new();
    for (at, _) in text.match_indices(root) {
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.') {
            continue;
        }
        let path = path(text.get(at + root.len()..).unwrap_or_default());
        if !path.is_empty() {
            paths.insert(path);
        }
    }
    paths
}

fn path(mut rest: &str) -> Vec<String> {
    let mut path = Vec::new();
    loop {
        rest = rest
            .strip_prefix(".?")
            .or_else(|| rest.strip_prefix('.'))
            .unwrap_or(rest);
        if let Some(quoted) = rest.strip_prefix("[\"").or_else(|| rest.strip_prefix("['")) {
            let Some(end) = quoted.find(['"', '\'']) else {
                return path;
            };
            path.push(quoted.get(..end).unwrap_or_default().to_owned());
            rest = quoted.get(end + 2..).unwrap_or_default();
            continue;
        }
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        // What is called is not a member.
        if name.is_empty() || after.starts_with('(') {
            return path;
        }
        path.push(name.to_owned());
        rest = after;
        if !rest.starts_with(['.', '[']) {
            return path;
        }
    }
}

/// The texts, numbers and truths that stand in an expression, and the numbers beside them.
pub(super) fn literals(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let mut add = |value: Value| {
        if !found.contains(&value) {
            found.push(value);
        }
    };
    let (texts, rest) = texts(text);
    for literal in texts {
        add(literal.into());
    }
    for truth in [true, false] {
        add(truth.into());
    }
    let words = rest.split(|c: char| !c.is_alphanumeric() && c != '.' && c != '_');
    for word in words {
        if let Ok(number) = word.parse::<i64>() {
            for near in [number, number.saturating_add(1), number.saturating_sub(1)] {
                add(near.into());
            }
        } else if word.starts_with(|c: char| c.is_ascii_digit())
            && let Some(number) = word.parse().ok().and_then(Number::from_f64)
        {
            add(number.into());
        }
    }
    found
}

/// The texts between quotes, and what is left without them.
pub(super) fn texts(text: &str) -> (Vec<String>, String) {
    let (mut texts, mut rest) = (Vec::new(), String::new());
    let mut quote: Option<(char, String)> = None;
    for c in text.chars() {
        match &mut quote {
            None if c == '"' || c == '\'' => quote = Some((c, String::new())),
            None => rest.push(c),
            Some((end, inner)) if c == *end => {
                texts.push(std::mem::take(inner));
                quote = None;
                rest.push(' ');
            }
            Some((_, inner)) => inner.push(c),
        }
    }
    (texts, rest)
}

/// What an expression reads that every class has alike, so that it is not told apart.
pub(super) fn reads_fixed(text: &str, hosts: &[&str]) -> Option<&'static str> {
    let (texts, rest) = texts(text);
    let mut words = rest.split(|c: char| !c.is_alphanumeric() && c != '_');
    if words.clone().any(|word| word == "iotEdge") {
        return Some("whether a device is an IoT Edge device");
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let of_enrollment = rest.match_indices("enrollment").any(|(at, name)| {
        let before = rest.get(..at).and_then(|it| it.chars().next_back());
        let after = rest.get(at + name.len()..).unwrap_or_default();
        let is_id = after
            .strip_prefix(".id")
            .is_some_and(|it| !it.starts_with(is_word));
        !before.is_some_and(|c| is_word(c) || c == '.') && !after.starts_with(is_word) && !is_id
    });
    if of_enrollment {
        return Some("more of the enrollment than its id");
    }
    let reads_hub = words.any(|word| word == "currentHub");
    let is_known = |text: &String| hosts.iter().any(|host| text.eq_ignore_ascii_case(host));
    (reads_hub && !texts.iter().all(is_known)).then_some("hubs that no row names")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_end_where_something_is_called() {
        let all = |text: &str| -> Vec<String> {
            paths(text, "payload")
                .into_iter()
                .map(|path| path.join("/"))
                .collect()
        };
        assert_eq!(all("has(payload.a.b) && payload.c == 1"), ["a/b", "c"]);
        assert_eq!(all("'2' in payload.?lot.orValue([])"), ["lot"]);
        assert_eq!(all("payload['x y'].z.startsWith('q')"), ["x y/z"]);
        assert_eq!(all("mypayload.x == cert.payload.x"), [""; 0]);
    }

    #[test]
    fn what_is_fixed_is_told() {
        let check = |text: &str, is_fixed: bool| {
            let fixed = reads_fixed(text, &["a.azure-devices.net"]);
            assert_eq!(fixed.is_some(), is_fixed, "{text}: {fixed:?}");
        };
        check("iotEdge", true);
        check("payload.x == 'iotEdge'", false);
        check("enrollment.kind == 'group'", true);
        check("has(enrollment.namespaceName)", true);
        check("enrollment.id == 'a' && payload.enrollment == 'b'", false);
        check("currentHub == 'a.azure-devices.net'", false);
        check("currentHub.startsWith('old-')", true);
    }
}
