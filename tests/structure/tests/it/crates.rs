//! `pure engine <- store, telemetry <- webhook, CLI`, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// What each crate of the product may depend on, of the product.
const ALLOWED: [(&str, &[&str]); 7] = [
    ("dps-allocation", &[]),
    ("dps-settings", &[]),
    (
        "dps-policy-store",
        &["dps-allocation", "dps-settings", "feature-set"],
    ),
    ("dps-telemetry", &["dps-settings"]),
    ("dps-fleet", &["dps-allocation"]),
    (
        "dps-policy",
        &[
            "dps-allocation",
            "dps-fleet",
            "dps-policy-store",
            "dps-settings",
        ],
    ),
    (
        "dps-webhook",
        &[
            "dps-allocation",
            "dps-policy-store",
            "dps-settings",
            "dps-telemetry",
        ],
    ),
];

/// What cargo knows of each crate of the workspace.
pub(crate) fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let Value::Array(packages) = metadata["packages"].take() else {
        panic!("cargo metadata lists no packages");
    };
    packages
}

#[test]
fn crates_depend_in_one_direction() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
    let allowed: BTreeMap<&str, BTreeSet<&str>> = ALLOWED
        .iter()
        .map(|(name, on)| (*name, on.iter().copied().collect()))
        .collect();

    let found: BTreeMap<&str, BTreeSet<&str>> = packages
        .iter()
        .filter_map(|package| Some((package["name"].as_str()?, package)))
        .filter(|(name, _)| allowed.contains_key(name))
        .map(|(name, package)| {
            let dependencies = package["dependencies"].as_array().unwrap();
            let normal = dependencies.iter().filter(|d| d["kind"].is_null());
            let names = normal.filter_map(|d| d["name"].as_str());
            (name, names.filter(|name| ours.contains(name)).collect())
        })
        .collect();
    assert_eq!(found, allowed);
}
