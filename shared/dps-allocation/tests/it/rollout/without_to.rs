//! A rollout without `to` adds its twin, and no rollout after it is left out.

use dps_allocation::Decision;
use serde_json::Value;

use crate::fleet::{Device, findings, policy, steps};

const FLEET: &str = "
    hubs: weight
    a.net | 1
    n.net | 0
    tenants:
    acme
    enrollments: tenants
    group | acme
    twins: tags
    */x | {\"x\": \"x\", \"last\": \"x\"}
    */y | {\"y\": \"y\", \"last\": \"y\"}
    */go | {\"go\": \"go\", \"last\": \"go\"}
    rollouts: twin to steps from cohort state when include exclude
";

fn device() -> Device {
    Device::new("pump-1").linked(&["a.net", "n.net"])
}

/// `hub reason rollout`, and the tags of the initial twin.
#[track_caller]
fn check(rollouts: &str, device: &Device, expected: &str) {
    let policy = policy(&format!("{FLEET}{}", rollouts.replace(" // ", "\n")));
    let decided = device.decide(&policy, |decision| {
        let Decision::Assigned(it) = decision else {
            panic!("{decision:?}")
        };
        let twin = it.initial_twin.as_ref();
        let twin: Value = twin.map_or(Value::Null, |it| serde_json::from_str(&it.text()).unwrap());
        let (reason, rollout) = (it.reason.as_str(), it.rollout.unwrap_or("-"));
        format!("{} {reason} {rollout} {}", it.hub, twin["tags"])
    });
    assert_eq!(decided, expected, "{rollouts}");
}

#[test]
fn it_adds_its_twin_to_the_share() {
    let x = r#"{"last":"x","x":"x"}"#;
    let (added, not) = (
        format!("a.net weighted - {x}"),
        "a.net weighted - null".to_owned(),
    );
    for (row, expected) in [
        ("acme/1 | x | - | 100%", &added),
        ("*/1 | x | - | 100%", &added),
        ("acme/1 | x | - | 0%", &not),
        ("acme/1 | x | - | 100% | - | new", &added),
        ("acme/1 | x | - | 100% | - | existing", &not),
        ("acme/1 | x | - | 100% | n.net", &added),
        ("acme/1 | x | - | 100% | - | - | aborted", &not),
        ("acme/1 | x | - | 100% | - | - | - | false", &not),
        ("acme/1 | x | - | 100% | - | - | - | payload.x", &not),
        ("acme/1 | x | - | 0% | - | - | - | - | pump-*", &added),
        ("acme/1 | x | - | 100% | - | - | - | - | - | pump-*", &not),
    ] {
        check(row, &device(), expected);
    }
    let on = device().on("a.net");
    check("acme/1 | x | - | 100%", &on, &format!("a.net stay - {x}"));
    check("acme/1 | x | - | 100% | n.net", &on, "a.net stay - null");
    check(
        "acme/1 | x | - | 100% | a.net",
        &on,
        &format!("a.net stay - {x}"),
    );
}

#[test]
fn it_ends_no_search_and_is_ended_by_none() {
    let (x, y, go) = (
        "acme/1 | x | - | 100%",
        "*/9 | y | - | 100%",
        "acme/5 | go | n.net | 100%",
    );
    let all = r#"{"go":"go","last":"y","x":"x","y":"y"}"#;
    let tables = [x, go, y].join(" // ");
    check(&tables, &device(), &format!("n.net rollout 5 {all}"));
    check(
        &tables,
        &device().on("n.net"),
        &format!("n.net stay 5 {all}"),
    );
    let both = r#"{"go":"go","last":"go","x":"x"}"#;
    check(
        &[x, go].join(" // "),
        &device().on("a.net"),
        &format!("n.net rollout 5 {both}"),
    );
    let two = r#"{"last":"y","x":"x","y":"y"}"#;
    check(
        &[x, y].join(" // "),
        &device(),
        &format!("a.net weighted - {two}"),
    );
}

#[test]
fn it_needs_a_twin() {
    let of = |row: &str| findings(&format!("{FLEET}{row}"));
    let error = "the rollout has no target; name the hubs or pools to move to, or the twin to add";
    assert!(of("acme/1 | - | - | 100%").contains(error));
    assert!(!of("acme/1 | x | - | 100%").contains("error"));
    assert!(!of("acme/1 | - | n.net | 100%").contains("error"));
}

#[test]
fn the_explanation_names_it() {
    let policy = policy(&format!(
        "{FLEET} acme/1 | x | - | 25%\n acme/2 | y | - | 0%"
    ));
    let steps = steps(&device().explained(&policy)).join("\n");
    // The bucket of `pump-1` under the salt `1`.
    for expected in ["rollout: rollout 2 -> no: bucket", "twin: the layers"] {
        assert!(steps.contains(expected), "{steps}");
    }
    assert!(steps.contains("rollout: rollout 1 -> "), "{steps}");
}
