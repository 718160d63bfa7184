//! What an expression may cost, and what its patterns may take.

use super::expressions::{GOOD, when};
use crate::fleet::findings;

#[test]
fn expensive_expressions_are_warnings() {
    let square = "warning: its cost grows with the square of what a device sends; an evaluation fails after 100000 steps or 1048576 bytes of values; do not read the payload inside a macro over the payload, and replace or join only with texts of your own";
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
        r"payload.s.matches('^\\w{10}$')",
        &[
            r"warning: the pattern `^\w{10}$` is large, and a device may send a long text; repeat less in it, or write `[a-z0-9_]` in place of `\w`",
        ],
    );
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
    // Those of twins count too, equal texts once.
    let twin = |number| format!("${{registrationId.matches('{}')}}", large(number));
    let no_room = "at `a`: there is no room for the pattern";
    let beyond = with_patterns(0, large, &(0..40).map(twin).collect::<String>());
    assert!(beyond.contains(no_room), "{beyond}");
    let equal = with_patterns(5, large, &(0..40).map(|_| twin(3)).collect::<String>());
    assert!(!equal.contains(no_room), "{equal}");
}

#[test]
fn one_pattern_has_a_limit() {
    when(
        r"payload.s.matches('^\\w{100}$')",
        &[
            r"error: there is no room for the pattern `^\w{100}$`: it takes more than the 1024 KiB that a pattern may have once compiled; write fewer or smaller patterns: repeat less, or `[a-z0-9_]` in place of `\w`",
        ],
    );
    when(r"payload.s.matches('^[a-z0-9_]{100}$')", &[]);
}
