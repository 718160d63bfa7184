//! Replies and twins of rollouts that were aborted, with and without `return`.

use serde_json::{Value, json};

use crate::fleet::{Device, policy};

/// `back` brings devices from `b.net` back to `a.net`; `twin` only adds a layer.
fn fleet(returns: bool) -> String {
    format!(
        r#"hubs: region twin weight
        a.net | westeurope | of-hub | 1
        b.net | northeurope | - | 0
        enrollments: tenants
        group | acme
        tenants: reply
        acme | {{"column": 1}}
        rollouts: to steps from state abortedAt return twin
        acme/1-back | b.net | 100% | a.net | aborted | 2026-11-20 | {returns} | moved
        acme/2-off | - | 100% | - | aborted | 2026-11-20 | - | off
        acme/3-twin | - | 100% | - | - | - | - | tried
        twins: reply tags
        */of-hub | {{"hub": "${{hub.name}}", "region": "${{hub.region}}"}} | {{"at": "${{hub.name}}"}}
        acme/moved | {{"moved": 1}} | {{"moved": 1}}
        acme/off | {{"off": 1}} | {{"off": 1}}
        acme/tried | {{"tried": "${{hub.name}}"}} | {{"tried": 1}}"#
    )
}

/// The decision, the tags and the reply.
#[track_caller]
fn check(returns: bool, on: &str, decided: &str, tags: Value, reply: Value) {
    let policy = policy(&fleet(returns));
    let device = Device::new("a").linked(&["a.net", "b.net"]).on(on);
    assert_eq!(device.decided(&policy), decided, "{returns} {on}");
    let answered = device.answered(&policy);
    assert_eq!(answered[0]["tags"], tags, "{returns} {on}");
    assert_eq!(answered[1], reply, "{returns} {on}");
}

#[test]
fn who_is_brought_back_gets_the_reply_of_the_hub_and_none_of_the_rollout() {
    let at_home = json!({"hub": "a.net", "region": "westeurope", "column": 1, "tried": "a.net"});
    check(
        true,
        "b.net",
        "a.net rolloutReturn",
        json!({"at": "a.net", "tried": 1}),
        at_home.clone(),
    );
    // It stays: DPS ignores a twin, and the reply is that of its hub.
    let tags = json!({"at": "a.net", "tried": 1});
    check(true, "a.net", "a.net stay", tags, at_home);
    check(
        false,
        "b.net",
        "b.net stay",
        json!({"tried": 1}),
        json!({"column": 1, "tried": "b.net"}),
    );
}
