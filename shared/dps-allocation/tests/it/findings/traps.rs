//! The traps that people fall into with rules, rollouts and hubs: each has its finding.

mod names;

use crate::fleet::findings;

const FLEET: &str = "
    hubs: pools geography tenants
    a.net | eu | eu
    b.net | us | us
    own.net | own | eu | contoso
    enrollments: tenants
    g | *
    tenants: pools
    acme
    contoso
    twins: tags
    */t | {}
";

/// The findings of further tables, one a line, as `level: table row, column: rule; help`.
#[track_caller]
fn check(further: &str, expected: &str) {
    let found = findings(&format!("{FLEET}{}", further.replace(" // ", "\n")));
    let lines = found.lines().filter(|line| !line.contains("no row names"));
    let found: Vec<String> = lines.map(without_line).collect();
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(found, expected, "{further}");
}

/// Without `line 5, `, which only says where this test has the row.
fn without_line(finding: &str) -> String {
    let Some((before, after)) = finding.split_once(", line ") else {
        return finding.to_owned();
    };
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}{after}")
}

#[test]
fn a_refusal_that_a_device_escapes_by_sending_nothing() {
    let escaped = |when: &str, part: &str| {
        format!(
            "warning: rules */1, column when: `{when}` is not true where what it reads of `{part}` is missing: such a \
             device is not refused; to refuse it, write the opposite in `unless`: whatever is not true then \
             refuses; to admit it, say so with has(..) or `?`"
        )
    };
    let rule = |when: &str| format!("rules: mode refuse when // */1 | also | true | {when}");
    check(
        &rule("payload.bad == true"),
        &escaped("payload.bad == true", "payload"),
    );
    check(
        &rule("cert.subject.country == 'DE'"),
        &escaped("cert.subject.country == 'DE'", "cert"),
    );
    check(&rule("payload.?bad.orValue(true)"), "");
    check(
        "rules: mode refuse unless // */1 | also | true | payload.good == true",
        "",
    );
}

#[test]
fn a_rule_that_moves_devices_when_a_time_comes() {
    let moved = |column: &str, what: &str| {
        format!(
            "warning: rules acme/1, column {column}: `now` decides about `{what}`: devices move when the time comes; \
             use `now` for refusals and twins; a rollout moves devices step by step"
        )
    };
    let day = "now > timestamp('2026-12-01')";
    let rule = |column: &str, what: &str, cell: &str| {
        format!("rules: {column} {what} // acme/1 | {day} | {cell}")
    };
    check(&rule("when", "pools", "eu"), &moved("when", "pools"));
    check(&rule("unless", "pools", "eu"), &moved("unless", "pools"));
    check(&rule("when", "hub", "a.net"), &moved("when", "hub"));
    check(
        &rule("when", "placement", "weighted"),
        &moved("when", "placement"),
    );
    check(
        &rule("when", "hubFrom", "payload.hub"),
        &moved("when", "hubFrom"),
    );
    check(
        &format!("rules: hubFrom // acme/1 | {day} ? 'a.net' : 'b.net'"),
        &moved("hubFrom", "hubFrom"),
    );
    check(&rule("when", "refuse", "true"), "");
    check(&rule("when", "twin", "t"), "");
    let also = format!("rules: mode when pools // acme/1 | also | {day} | eu");
    check(&also, &moved("when", "pools"));
}

#[test]
fn pools_and_states_for_a_time() {
    let rule = |column: &str, what: &str| {
        format!(
            "error: rules acme/1, column {column}: a rule for a time has no `{what}`; devices would move when it \
             begins and again when it ends: write a rollout, which moves them once"
        )
    };
    for mode in ["first", "also"] {
        let pools = |column: &str| {
            format!("rules: mode pools {column} // acme/1 | {mode} | eu | 2026-12-01")
        };
        check(&pools("begins"), &rule("begins", "pools"));
        check(&pools("ends"), &rule("ends", "pools"));
    }
    check(
        "rules: hub begins // acme/1 | a.net | 2026-12-01",
        &rule("begins", "hub"),
    );
    check(
        "rules: hubFrom begins // acme/1 | payload.hub | 2026-12-01",
        &rule("begins", "hubFrom"),
    );
    check(
        "rules: placement begins // acme/1 | static | 2026-12-01",
        &rule("begins", "placement"),
    );
    check(
        "rules: twin begins // acme/1 | t | 2026-12-01",
        "error: rules acme/1, column begins: a rule for a time that does not refuse needs mode also; with mode first, it keeps \
         the rules behind it from applying, and devices would move when it begins and again when it ends",
    );
    check(
        "rules: mode twin begins // acme/1 | also | t | 2026-12-01",
        "",
    );
    check(
        "hubs: state begins // c.net | closed | 2026-12-01",
        "error: hubs hub/c.net, column begins: only the state draining is for a time; devices would leave a hub when it \
         closes and come back when it opens: write draining, and move devices with a rollout",
    );
}

#[test]
fn a_rollout_that_moves_nobody_or_twice() {
    let nobody = |row: &str, which: &str| {
        format!(
            "warning: rollouts {row}, column to: it moves no device that has a hub: `to` has every hub{which}; set \
             `anew` to place these devices again, or name other hubs in `to`"
        )
    };
    let all = "eu;us;own";
    check(
        "rollouts: from to steps // acme/1 | eu | eu;us | 1%",
        &nobody("acme/1", " of `from`"),
    );
    check(
        "rollouts: to steps // acme/1 | eu;us | 1%",
        &nobody("acme/1", " of the tenant"),
    );
    check(
        &format!("rollouts: to steps // */1 | {all} | 1%"),
        &nobody("*/1", ""),
    );
    check(
        "rollouts: from to steps anew // acme/1 | eu | eu;us | 1% | true",
        "",
    );
    check(
        "hubs: pools state begins // c.net | us | draining | 2026-12-01 // rollouts: to steps anew // acme/1 | us | 1% | true",
        "warning: rollouts acme/1, column anew: c.net drains for a time: with `anew`, devices leave it when that begins and \
         come back when it ends; take the hub out of `to`, or let it drain without `begins` and `ends`",
    );
}

#[test]
fn devices_that_are_placed_at_every_registration() {
    check(
        "tenants: onReprovision // beta | replace",
        "warning: tenants tenant/beta, column onReprovision: `replace` is deprecated: it places every device again at every \
         registration, without a share or an end; leave the cell empty, and write a row of rollouts with `anew` true, the \
         hubs or pools in `to`, and steps such as 100%",
    );
}

#[test]
fn hubs_of_others() {
    let row = |row: &str, column: &str| {
        format!(
            "error: {row}, column {column}: no tenant of the row may use its hubs: `tenants` of each names others; add the \
             tenant to `tenants` of a hub, or name other hubs"
        )
    };
    check(
        "rollouts: to steps // acme/1 | own | 1%",
        &row("rollouts acme/1", "to"),
    );
    check("rollouts: to steps // contoso/1 | own | 1%", "");
    check(
        "rules: hub // acme/1 | own.net",
        &row("rules acme/1", "hub"),
    );
    check(
        "rules: mode pools // acme/1 | also | own",
        &row("rules acme/1", "pools"),
    );
    check(
        "tenants: pools // beta | own",
        "error: tenants tenant/beta, column pools: each of its hubs is for other tenants only; add the tenant to `tenants` of \
         a hub, or widen pools or residency",
    );
    check(
        "tenants: placement hub // beta | static | own.net",
        "error: tenants tenant/beta, column hub: each of these hubs in the tenant's pools and residency is for other tenants \
         only; add the tenant to `tenants` of one, or name a hub that the tenant may use",
    );
    check(
        "tenants: placement hub // beta | static | own.net;a.net",
        "",
    );
}

#[test]
fn a_static_hub_that_a_new_row_can_change() {
    check(
        "tenants: placement // beta | static",
        "warning: tenants tenant/beta, column hub: static placement without `hub` is the first host name that is left, and \
         a new row of hubs can change it; write the host name in `hub`, and those that take its place after it",
    );
}

#[test]
fn a_rule_of_all_that_a_twin_bypasses() {
    let rules = |all: &str, own: &str| {
        format!("rules: mode when refuse pools twin hub // */900 | {all} // acme/1 | {own}")
    };
    let bypassed = "warning: rules acme/1, column mode: it only adds a twin, and devices that it matches bypass rule `900` \
                    of `*`; set mode to also: the rule then adds its twin and does not end the search";
    let (refusal, pools) = ("first | iotEdge | true", "first | iotEdge | - | eu");
    check(&rules(refusal, "first | - | - | - | t"), bypassed);
    check(
        &rules(pools, "- | attestation == 'tpm' | - | - | t"),
        bypassed,
    );
    check(&rules(refusal, "also | - | - | - | t"), "");
    check(&rules("also | iotEdge | true", "first | - | - | - | t"), "");
    check(
        &rules("first | iotEdge | - | - | t", "first | - | - | - | t"),
        "",
    );
    // These are exceptions, which is what the mode is for.
    check(&rules(refusal, "first | - | - | eu | t"), "");
    check(&rules(refusal, "first | - | - | - | t | a.net"), "");
    check(&rules(refusal, "first | - | true | - | t"), "");
    check(&rules(refusal, "first | iotEdge"), "");
}

#[test]
fn a_rule_that_must_not_be_bypassed_has_one_meaning() {
    for (column, cell) in [
        ("hub", "a.net"),
        ("hubFrom", "payload.hub"),
        ("placement", "static"),
    ] {
        check(
            &format!("rules: mode pools {column} // */1 | also | eu | {cell}"),
            &format!(
                "error: rules */1, column {column}: a rule with mode also has no `{column}`; several such rules can match, and \
                 only one can fix the hub or the placement: leave the cell empty, or write mode first"
            ),
        );
    }
    check(
        "rules: mode when // */1 | also | iotEdge",
        "warning: rules */1: the rule has no effect; give it pools, a twin or refuse: a rule with mode also does not end \
         the search",
    );
}

#[test]
fn a_refusal_that_reads_the_rows_of_devices() {
    let fleet = |rows: &str, column: &str, expression: &str| {
        format!(
            "enrollments: tenants deviceRows // h | contoso | optional // k | acme | {rows} // \
             rules: mode refuse {column} // acme/1 | also | true | {expression}"
        )
    };
    let (sold, known) = (
        "device.attributes.sold == true",
        "device.?attributes.?sold.orValue(true)",
    );
    let unread = |column: &str, expression: &str| {
        format!(
            "warning: rules acme/1, column {column}: `{expression}` reads `device`, and no enrollment reads the rows of these \
             devices; set deviceRows of the enrollment to optional or required"
        )
    };
    check(&fleet("off", "when", sold), &unread("when", sold));
    check(&fleet("off", "when", known), &unread("when", known));
    check(&fleet("off", "unless", sold), &unread("unless", sold));
    check(
        &fleet("optional", "when", sold),
        &format!(
            "warning: rules acme/1, column when: `{sold}` is not true where what it reads of `device` is missing: such a device \
             is not refused; to refuse it, write the opposite in `unless`: whatever is not true then refuses; to admit it, \
             say so with has(..) or `?`"
        ),
    );
    check(&fleet("optional", "when", known), "");
    check(
        &fleet("required", "when", "has(device.attributes.sold)"),
        "",
    );
    check(&fleet("optional", "unless", sold), "");
    // A rule of all reads the rows that some enrollment reads.
    let of_all = fleet("off", "when", known).replace("acme/1", "*/1");
    check(&of_all, "");
}

#[test]
fn a_rollout_that_undoes_an_evacuation_for_a_time() {
    let rollouts = |earlier: &str, later: &str| {
        format!(
            "hubs: pools state begins ends // c.net | new | draining | 2026-12-01 | 2026-12-03 // \
             rollouts: from to steps cohort anew // acme/1 | {earlier} // acme/2 | {later}"
        )
    };
    let twice = "warning: rollouts acme/1, column to: rollout `2` empties c.net while it drains for a time: devices leave it \
                 then, and this rollout brings them back when that ends; name in `from` no hub of `2`, or let c.net drain \
                 without `begins` and `ends`";
    check(&rollouts("eu | new | 100%", "new | eu | 100%"), twice);
    check(&rollouts("- | c.net | 10%", "- | a.net | 100%"), twice);
    // The later one leads to hubs from which the earlier one takes no device.
    check(&rollouts("us | new | 100%", "new | eu | 100%"), "");
    // While the hub drains, the earlier one keeps its devices on its other hubs.
    check(&rollouts("- | c.net;b.net | 100%", "new | eu | 100%"), "");
    check(&rollouts("- | new | 100% | new", "new | eu | 100%"), "");
    check(&rollouts("eu | new | 100%", "us | eu | 100%"), "");
    let all = rollouts("eu | new | 100%", "new | eu | 100%").replace("acme/2", "*/2");
    check(&all, twice);
    let all_first = rollouts("eu | new | 100%", "new | eu | 100%").replace("acme/1", "*/1");
    check(&all_first, "");
}
