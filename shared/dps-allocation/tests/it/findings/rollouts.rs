//! Findings about rollouts that move nobody, and about `replace`.

use crate::fleet::findings;

const FLEET: &str = "
    hubs: pools
    a.net | std
    b.net | std
    c.net | new
    enrollments: tenants
    g | *
    tenants: placement pools
    acme | - | std
    near | latency
    twins: tags
    */t | {}
    rollouts: from to steps anew minGainMs cohort return twin state abortedAt
";

/// The findings about rollouts, as `warning: row, column rule`.
#[track_caller]
fn check(row: &str, expected: &str) {
    let findings = findings(&format!("{FLEET}{row}"));
    let about = findings.lines().filter(|line| line.contains(": rollouts "));
    let about: Vec<&str> = about.map(|line| line.split_once(": ").unwrap().1).collect();
    let about: Vec<&str> = about
        .iter()
        .map(|line| line.split_once("column ").unwrap().1)
        .collect();
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    assert_eq!(about, expected, "{row}");
}

#[test]
fn a_rollout_that_moves_nobody_is_a_warning() {
    let help = "set `anew` to place these devices again, or name other hubs in `to`";
    let from =
        format!("to: it moves no device that has a hub: `to` has every hub of `from`; {help}");
    check("acme/1 | a.net | std | 100%", &from);
    check("acme/1 | std | a.net;b.net | 100%", &from);
    check("acme/1 | a.net | std | 100% | - | - | existing", &from);
    check("acme/1 | a.net | b.net | 100%", "");
    check("acme/1 | std;new | std | 100%", "");
    check("acme/1 | a.net | std | 100% | true", "");
    check("acme/1 | a.net | std | 100% | - | - | new", "");
    check(
        "acme/1 | a.net | std | 100% | - | - | - | - | - | aborted | 2026-12-01",
        "",
    );
    let all = |what: &str, help: &str| {
        format!("to: it moves no device that has a hub: `to` has every hub{what}; {help}")
    };
    check("acme/1 | - | std | 100%", &all(" of the tenant", help));
    check("near/1 | - | std | 100%", "");
    check("near/1 | - | std;new | 100%", &all(" of the tenant", help));
    check("*/1 | - | std;new | 100%", &all("", help));
    check("*/1 | - | std | 100%", "");
    let twin = "leave `to` empty to add only the twin, or set `anew` to place the devices again";
    check(
        "*/1 | - | std;new | 100% | - | - | - | - | t",
        &all("", twin),
    );
}

#[test]
fn cells_without_effect_are_warnings() {
    let no_to = "a rollout without `to` moves no device; name the hubs in `to`, or empty the cell";
    check(
        "acme/1 | - | - | 1% | true | - | - | - | t",
        &format!("anew: {no_to}"),
    );
    check(
        "acme/1 | - | - | 1% | - | 5 | - | - | t",
        &format!("minGainMs: {no_to}"),
    );
    check(
        "acme/1 | - | - | 1% | - | - | - | true | t",
        &format!("return: {no_to}"),
    );
    check("acme/1 | - | - | 1% | false | - | - | false | t", "");
    check(
        "near/1 | a.net | new | 1% | - | 5",
        "minGainMs: minGainMs counts only with `anew`; set anew to true, or empty the cell",
    );
    check("near/1 | a.net | new | 1% | true | 5", "");
    check("*/1 | a.net | new | 1% | true | 5", "");
    check(
        "acme/1 | a.net | b.net | 1% | true | 5",
        "minGainMs: minGainMs counts only with placement latency, which no tenant of the rollout has; \
         set placement to latency, or empty the cell",
    );
    check(
        "acme/1 | a.net | b.net | 1% | true | - | new",
        "anew: the rollout selects new devices only, which are placed in any case; set cohort to existing \
         or all, or empty the cell",
    );
    check(
        "acme/1 | a.net | std | 1% | true | - | - | true",
        "return: it brings no device back: every hub that it empties is in `to`; to undo it, write a \
         rollout of its own, or empty the cell",
    );
    check("acme/1 | a.net | b.net | 1% | true | - | - | true", "");
}

#[test]
fn replace_is_deprecated() {
    let of = |tenants: &str| {
        findings(&format!(
            "hubs:\n a.net\n enrollments: tenants\n g | *\n tenants: onReprovision\n{tenants}"
        ))
    };
    assert_eq!(of("acme | stay\n beta"), "");
    let message = of("acme | replace\n beta | replace\n corp");
    assert_eq!(message.lines().count(), 1, "{message}");
    for expected in [
        "warning: tenants tenant/acme, line 6, column onReprovision",
        "deprecated",
        "`anew`",
    ] {
        assert!(message.contains(expected), "{message}");
    }
}
