//! What is wrong with single cells: the place, the rule and what to write instead.

use crate::findings::{cell, cells};

const DIGITS: &str = "write digits only, or leave the cell empty for the default";
const EMPTY: &str = "name something, or leave the cell empty for the default";
const FLAG: &str = "write true or false";
const LIMITS: &str = "keep to the limits of IoT Hub for device twins";
const LIST: &str = r#"write a;b or ["a", "b"]"#;
const NAME: &str = "write a word without `;` and `,`";
const OBJECT: &str = r#"write an object such as {"site": "berlin"}"#;
const PATTERN: &str = "write an id in which `*` stands for any characters";
const STEPS: &str = "write steps such as 2026-12-01=1% 2026-12-08=10%";
const TIME: &str = "write 2026-12-01 or 2026-12-01T00:00Z";
const WORDS: &str = "write one of these words";

#[test]
fn numbers() {
    cells(DIGITS, "
        hubs: weight // b.net | 1001 => hubs hub/b.net weight: `1001` is not a whole number from 0 to 1000
        hubs: weight // b.net | -1 => hubs hub/b.net weight: `-1` is not a whole number from 0 to 1000
        hubs: weight // b.net | 1.5 => hubs hub/b.net weight: `1.5` is not a whole number from 0 to 1000
        hubs: weight // b.net | 1e3 => hubs hub/b.net weight: `1e3` is not a whole number from 0 to 1000
        hubs: weight // b.net | heavy => hubs hub/b.net weight: `heavy` is not a whole number from 0 to 1000
        hubs: weight // b.net | 99999999999 => hubs hub/b.net weight: `99999999999` is not a whole number from 0 to 1000
        hubs: tier // b.net | 1001 => hubs hub/b.net tier: `1001` is not a whole number from 0 to 1000
        tenants: toleranceMs // beta | 60001 => tenants tenant/beta toleranceMs: `60001` is not a whole number from 0 to 60000
        latency: milliseconds // berlin/westeurope | 60001 => latency berlin/westeurope milliseconds: `60001` is not a whole number from 0 to 60000
        latency: milliseconds // berlin/westeurope | 12ms => latency berlin/westeurope milliseconds: `12ms` is not a whole number from 0 to 60000
    ");
}

#[test]
fn words_and_flags() {
    cells(WORDS, "
        hubs: state // b.net | opened => hubs hub/b.net state: `opened` is not one of open, draining, closed
        enrollments: deviceRows tenants // g2 | on | acme => enrollments enrollment/g2 deviceRows: `on` is not one of off, optional, bestEffort, required
        tenants: state // beta | paused => tenants tenant/beta state: `paused` is not one of active, suspended
        tenants: placement // beta | nearest => tenants tenant/beta placement: `nearest` is not one of latency, weighted, static
        tenants: withoutLocation // beta | static => tenants tenant/beta withoutLocation: `static` is not one of weighted, refuse
        tenants: onReprovision // beta | move => tenants tenant/beta onReprovision: `move` is not one of stay, replace
        rules: placement // acme/1 | near => rules acme/1 placement: `near` is not one of latency, weighted, static
        rollouts: to steps cohort // acme/1 | a.net | 1% | some => rollouts acme/1 cohort: `some` is not one of new, existing, all
        rollouts: to steps ramp // acme/1 | a.net | 1% | curved => rollouts acme/1 ramp: `curved` is not one of step, linear
        rollouts: to steps state // acme/1 | a.net | 1% | stopped => rollouts acme/1 state: `stopped` is not one of running, paused, aborted
    ");
    cells(FLAG, "
        rules: refuse // acme/1 | maybe => rules acme/1 refuse: `maybe` is neither true nor false
        rollouts: to steps return // acme/1 | a.net | 1% | 2 => rollouts acme/1 return: `2` is neither true nor false
    ");
}

#[test]
fn times() {
    cells(TIME, "
        rollouts: to steps pausedAt // acme/1 | a.net | 1% | yesterday => rollouts acme/1 pausedAt: `yesterday` is not a point in time
        rollouts: to steps pausedAt // acme/1 | a.net | 1% | 2026-02-30 => rollouts acme/1 pausedAt: `2026-02-30` is not a point in time
        rollouts: to steps pausedAt // acme/1 | a.net | 1% | 1796083200 => rollouts acme/1 pausedAt: `1796083200` is not a point in time
    ");
}

#[test]
fn lists() {
    cells(
        LIST,
        r#"
        hubs: pools // b.net | [1, 2] => hubs hub/b.net pools: not a JSON array of strings
        hubs: pools // b.net | ["a",  => hubs hub/b.net pools: not a JSON array of strings
    "#,
    );
    cells(
        EMPTY,
        "
        hubs: pools // b.net | ; => hubs hub/b.net pools: the list is empty
        hubs: pools // b.net | [] => hubs hub/b.net pools: the list is empty
        enrollments: tenants // g2 | ; => enrollments enrollment/g2 tenants: the list is empty
    ",
    );
    cells(
        NAME,
        r#"
        hubs: pools // b.net | ["a;b"] => hubs hub/b.net pools: `a;b` is not a name
        hubs: pools // b.net | [""] => hubs hub/b.net pools: `` is not a name
        hubs: geography // b.net | EU;US => hubs hub/b.net geography: `EU;US` is not a name
    "#,
    );
    cells(PATTERN, "
        enrollments: tenants // g2 | ac me => enrollments enrollment/g2 tenants: `ac me` is not an id or pattern: it holds ' ': only letters, digits and `-._:` are allowed
        rollouts: to steps include // acme/1 | a.net | 1% | pump 1 => rollouts acme/1 include: `pump 1` is not an id or pattern: it holds ' ': only letters, digits and `-._:` are allowed
    ");
}

#[test]
fn objects() {
    cells(
        OBJECT,
        r#"
        twins: tags // acme/t | 7 => twins acme/t tags: not a JSON object, at line 1 column 1 of it
        twins: tags // acme/t | [1] => twins acme/t tags: not a JSON object, at line 1 column 0 of it
        twins: desired // acme/t | {"a": } => twins acme/t desired: not a JSON object, at line 1 column 7 of it
        tenants: reply // beta | text => tenants tenant/beta reply: not a JSON object, at line 1 column 2 of it
    "#,
    );
}

#[test]
fn steps() {
    cells(STEPS, "
        rollouts: to steps // acme/1 | a.net | 10 => rollouts acme/1 steps: `10` is not a share such as 0.5% (at most three decimals, at most 100%)
        rollouts: to steps // acme/1 | a.net | 2026-12-01=0.0001% => rollouts acme/1 steps: `0.0001%` is not a share such as 0.5% (at most three decimals, at most 100%)
        rollouts: to steps // acme/1 | a.net | 101% => rollouts acme/1 steps: `101%` is not a share such as 0.5% (at most three decimals, at most 100%)
        rollouts: to steps // acme/1 | a.net | soon=1% => rollouts acme/1 steps: `soon` is not a point in time
        rollouts: to steps // acme/1 | a.net | 1% 2% => rollouts acme/1 steps: step `2%` has no time; only the first may be without
        rollouts: to steps // acme/1 | a.net | 2026-12-02=1% 2026-12-01=2% => rollouts acme/1 steps: step `2026-12-01=2%` is not later than the one before it
        rollouts: to steps // acme/1 | a.net | 2026-12-01=1% 2026-12-01T00:00Z=2% => rollouts acme/1 steps: step `2026-12-01T00:00Z=2%` is not later than the one before it
        rollouts: to steps // acme/1 | a.net | 2026-12-01=2% 2026-12-02=1% => rollouts acme/1 steps: step `2026-12-02=1%` lowers the share; a rollout only grows
        rollouts: to steps // acme/1 | a.net | ; => rollouts acme/1 steps: there is no step
    ");
    cells(
        "write steps such as 2026-12-01=1% 2026-12-08=10%, or 100% for all at once",
        "
        rollouts: to // acme/1 | a.net => rollouts acme/1 steps: there is no step
    ",
    );
}

#[test]
fn twins_over_a_limit() {
    cells(
        LIMITS,
        r#"
        twins: tags // acme/t | {"a b": 1} => twins acme/t tags: `tags["a b"]` has ' ' in its key, IoT Hub allows no control character, `.`, `$` or space there
        twins: desired // acme/t | {"a": [null]} => twins acme/t desired: `properties.desired.a[0]` is null inside an array, which IoT Hub does not allow
    "#,
    );
}

#[test]
fn texts_have_their_length() {
    let long = vec!["true"; 301].join(" || ");
    let rule = "rules acme/1 when: the expression has 2404 bytes; 2000 are allowed";
    cell(
        &format!("rules: when\n acme/1 | {long}"),
        rule,
        "write several rows with shorter ones",
    );
    let long = "x".repeat(4097);
    let rule = "twins acme/t tags: `tags.a` is a string of 4097 bytes, IoT Hub allows 4096";
    cell(
        &format!("twins: tags\n acme/t | {{\"a\": \"{long}\"}}"),
        rule,
        LIMITS,
    );
}
