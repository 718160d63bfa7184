//! The staged script root holds what the host needs, and nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use e2e::ScriptRoot;
use serde_json::{Value, json};

#[test]
fn the_script_root_is_complete_and_minimal() {
    let root = ScriptRoot::new();
    let mut files = Vec::new();
    list(root.path(), root.path(), &mut files);
    files.sort();
    let tables = [
        "devices",
        "enrollments",
        "hubs",
        "latency",
        "rollouts",
        "rules",
        "tenants",
        "twins",
    ];
    let mut expected: Vec<String> = tables.map(|it| format!("infra/policy/{it}.csv")).into();
    let functions = ["allocate", "explain", "health", "policy"];
    expected.extend(functions.map(|it| format!("{it}/function.json")));
    expected.extend(["dps-webhook", "host.json", "local.settings.json"].map(str::to_owned));
    expected.sort();
    assert_eq!(files, expected);

    let mode = fs::metadata(root.handler())
        .expect("the handler")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o755);
}

/// With more than this a `func start` shows hundreds of lines, with less no decision.
#[test]
fn the_host_shows_decisions_and_little_else() {
    let root = ScriptRoot::new();
    let host_json = fs::read(root.path().join("host.json")).expect("host.json");
    let host_json: Value = serde_json::from_slice(&host_json).expect("JSON");
    let levels = json!({"default": "Warning", "Host.Function.Console": "Information"});
    assert_eq!(host_json["logging"]["logLevel"], levels);
    assert_eq!(host_json["telemetryMode"], "OpenTelemetry");
}

fn list(root: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder of the script root") {
        let path = entry.expect("a folder of the script root").path();
        if path.is_dir() {
            list(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("a path below the root");
            files.push(name.display().to_string());
        }
    }
}
