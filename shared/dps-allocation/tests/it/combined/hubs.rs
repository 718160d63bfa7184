//! Hubs that an expression or the tenant names, where they are for other tenants or elsewhere.

use super::check;
use crate::fleet::findings;

const ALL: [&str; 4] = ["a.net", "own.net", "us.net", "b.net"];

/// `own.net` is for contoso, and `us.net` is outside residency.
fn fleet(more: &str) -> String {
    format!(
        "hubs: tenants geography weight
        a.net | - | eu | 1
        b.net | - | eu | 0
        own.net | contoso | eu | 0
        us.net | - | us | 0
        enrollments: tenants residency deviceRows
        group | acme
        contoso | contoso
        abroad | beta | us
        rows | beta | - | optional
        devices: residency
        in-us | us
        {more}"
    )
}

#[test]
fn an_expression_cannot_reach_hubs_of_others_or_elsewhere() {
    let tables = fleet(
        "tenants: residency
        acme | eu
        contoso | eu
        beta
        rules: hubFrom
        */1 | payload.hub",
    );
    check(
        &tables,
        &ALL,
        r#"
        a | group | {"hub": "b.net"} | - | - => b.net fixedHub
        a | group | {"hub": "own.net"} | - | - => noEligibleHub
        a | group | {"hub": "own.net"} | own.net | - => noEligibleHub
        a | group | {"hub": "own.net"} | a.net | - => noEligibleHub
        a | group | {"hub": "OWN.net"} | - | - => noEligibleHub
        a | group | {"hub": "us.net"} | - | - => noEligibleHub
        a | group | {"hub": "nowhere.net"} | - | - => a.net weighted
        a | contoso | {"hub": "own.net"} | - | - => own.net fixedHub
        a | contoso | {"hub": "own.net"} | a.net | - => own.net fixedHub
        a | contoso | {"hub": "us.net"} | - | - => noEligibleHub
        a | abroad | {"hub": "us.net"} | - | - => us.net fixedHub
        a | abroad | {"hub": "b.net"} | - | - => noEligibleHub
        a | abroad | {"hub": "own.net"} | - | - => noEligibleHub
        a | rows | {"hub": "us.net"} | - | - => us.net fixedHub
        in-us | rows | {"hub": "us.net"} | - | - => us.net fixedHub
        in-us | rows | {"hub": "b.net"} | b.net | - => noEligibleHub
    "#,
    );
}

#[test]
fn where_what_it_names_cannot_be_used_the_list_of_the_rule_counts() {
    let tables = fleet(
        "tenants: residency
        acme | eu
        contoso
        beta
        rules: hubFrom hub
        */1 | payload.hub | own.net;b.net",
    );
    check(
        &tables,
        &ALL,
        r#"
        a | group | {"hub": "a.net"} | - | - => a.net fixedHub
        a | group | {} | - | - => b.net fixedHub
        a | contoso | {} | - | - => own.net fixedHub
        a | group | {"hub": "own.net"} | - | - => b.net fixedHub
        a | group | {"hub": "us.net"} | - | - => b.net fixedHub
    "#,
    );
}

#[test]
fn static_placement_skips_hubs_of_others() {
    let tables = fleet(
        "tenants: residency placement hub
        acme | eu | static | own.net;us.net;b.net
        contoso | eu | static | us.net;own.net;b.net
        beta | - | static | own.net;us.net",
    );
    check(
        &tables,
        &ALL,
        "
        a | group | - | - | - => b.net static
        a | group | - | own.net | - => b.net static
        a | group | - | a.net | - => a.net stay
        a | contoso | - | - | - => own.net static
        a | abroad | - | - | - => us.net static
        a | rows | - | - | - => us.net static
        in-us | rows | - | b.net | - => us.net static
    ",
    );
    check(
        &tables,
        &["a.net", "own.net"],
        "
        a | group | - | - | - => noEligibleHub
        a | rows | - | - | - => noEligibleHub
        a | group | - | own.net | - => noEligibleHub
        a | contoso | - | - | - => own.net static
    ",
    );
}

/// The errors about the hubs that a tenant lists.
#[track_caller]
fn finds(tenants: &str, rest: &str, expected: &[&str]) {
    let found = findings(&fleet(&format!(
        "tenants: residency placement hub\n contoso\n beta\n {tenants}\n {rest}"
    )));
    let found: Vec<&str> = found
        .lines()
        .filter(|line| line.starts_with("error"))
        .filter_map(|line| line.split_once(", column ").map(|(_, found)| found))
        .collect();
    assert_eq!(found, expected, "{tenants} {rest}");
}

#[test]
fn a_tenant_that_may_use_none_of_its_listed_hubs_is_an_error() {
    let others = "hub: each of these hubs in the tenant's pools and residency is for other tenants only; add the tenant \
                  to `tenants` of one, or name a hub that the tenant may use";
    let outside = "hub: none of these hubs is in the tenant's pools and residency; name a hub that the tenant \
                   may use";
    finds("acme | - | static | own.net", "", &[others]);
    finds("acme | eu | static | own.net", "", &[others]);
    finds("acme | - | static | own.net;b.net", "", &[]);
    finds("acme | eu | static | us.net", "", &[outside]);
    finds("acme | eu | static | us.net;own.net", "", &[others]);
    finds("acme | eu | static | us.net;b.net", "", &[]);
    let by_rule = "rules: placement\n acme/1 | static";
    finds("acme | eu | - | own.net", by_rule, &[others]);
    finds("acme | eu | - | b.net", by_rule, &[]);
    finds("acme\n con-1 | - | static | own.net", "", &[others]);
}

#[test]
fn static_placement_passes_over_a_hub_while_it_drains() {
    let tables = "hubs: state begins ends
        a.net
        b.net | draining | 2026-12-02 | 2026-12-04
        c.net | draining | - | 2026-12-03
        enrollments: tenants
        group | acme
        only | only
        tenants: placement hub
        acme | static | b.net;c.net;a.net
        only | static | b.net";
    check(
        tables,
        &["a.net", "b.net", "c.net"],
        "
        a | group | - | - | 01 => b.net static
        a | group | - | - | 02 => a.net static
        a | group | - | - | 03 => c.net static
        a | group | - | - | 04 => b.net static
        a | group | - | b.net | 02 => b.net stay
        a | group | - | a.net | 04 => a.net stay
        a | only | - | - | 01 => b.net static
        a | only | - | - | 02 => noEligibleHub
        a | only | - | b.net | 02 => b.net stay
        a | only | - | a.net | 02 => a.net stay
        a | only | - | - | 04 => b.net static
    ",
    );
}
