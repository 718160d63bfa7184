//! `dps-policy doctor`, at an app that is well and at apps that are not.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use axum::Router;
use e2e::{Runtime, ScriptRoot, doctor, keys_of};
use functions_host::Auth;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

const ALLOCATE_KEY: &str = "allocate-key-0123456789";
const POLICY_KEY: &str = "policy-key-0123456789";
const KEYS: [(&str, &str); 2] = [("ALLOCATE_KEY", ALLOCATE_KEY), ("OPERATOR_KEY", POLICY_KEY)];

fn auth() -> Auth {
    keys_of(&[("allocate", ALLOCATE_KEY), ("policy", POLICY_KEY)])
}

async fn app(root: &ScriptRoot) -> (Runtime, String) {
    let app = Runtime::stand_in(root, auth(), &[("POLICY_REFRESH_SECONDS", "1")]).await;
    let url = app.host().url();
    (app, url)
}

/// Exit code, and each check with its verdict and detail.
async fn ask(
    url: &str,
    tables: &Path,
    more: &[&str],
    settings: &[(&str, &str)],
) -> (Option<i32>, BTreeMap<String, (String, String)>) {
    let tables = tables.to_str().unwrap();
    let mut arguments = vec![url.to_owned(), tables.to_owned(), "--json".to_owned()];
    arguments.extend(more.iter().map(|it| (*it).to_owned()));
    let settings: Vec<(String, String)> = settings
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let asked = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let settings: Vec<(&str, &str)> = settings.iter().map(|(a, b)| (&**a, &**b)).collect();
        doctor(&arguments, &settings)
    });
    let output = asked.await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for (_, key) in KEYS {
        assert!(!text.contains(key), "{text}");
    }
    let report: Value = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{:?}", output.stderr));
    let checks = report["checks"].as_array().unwrap().iter().map(|check| {
        let text = |member: &str| check[member].as_str().unwrap().to_owned();
        // What is wrong comes with what to do.
        assert_eq!(
            check["verdict"] == "good",
            check.get("help").is_none(),
            "{check}"
        );
        (text("name"), (text("verdict"), text("detail")))
    });
    (output.status.code(), checks.collect())
}

#[track_caller]
fn check(found: &BTreeMap<String, (String, String)>, name: &str, verdict: &str, detail: &str) {
    let (is, said) = found
        .get(name)
        .unwrap_or_else(|| panic!("no {name}: {found:?}"));
    assert_eq!(is, verdict, "{name}: {said}");
    assert!(said.contains(detail), "{name}: {said}");
}

/// A copy of the tables of the app.
fn copy(root: &ScriptRoot) -> TempDir {
    let folder = TempDir::new().unwrap();
    for entry in fs::read_dir(root.path().join("infra/policy")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "csv") {
            fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    folder
}

#[tokio::test]
async fn an_app_that_is_well() {
    let root = ScriptRoot::new();
    let (_app, url) = app(&root).await;
    let tables = copy(&root);
    let az =
        az(r#"[{"name": "contoso-weu-1.device.azure-devices.net", "location": "westeurope"}]"#);
    let path = format!("{}:{}", az.path().display(), std::env::var("PATH").unwrap());
    let settings = [KEYS[0], KEYS[1], ("PATH", &path)];
    let more = ["--wait", "60", "--dps", "my-dps"];
    let (code, found) = ask(&url, tables.path(), &more, &settings).await;
    for name in [
        "reachable",
        "clock",
        "locked",
        "key",
        "policy",
        "store",
        "decisions",
    ] {
        check(&found, name, "good", "");
    }
    check(&found, "locked", "good", "401");
    check(&found, "decisions", "good", "5 requests, all the same");
    // Two names of one hub, and hubs that this DPS does not link.
    let (_, linked) = &found["linked hubs"];
    assert!(
        !linked.contains("contoso-weu-1") && linked.contains("contoso-eus-1"),
        "{linked}"
    );
    assert_eq!(code, Some(1));
    let (code, found) = ask(&url, tables.path(), &["--wait", "60"], &KEYS).await;
    assert_eq!(code, Some(0), "{found:?}");
}

#[tokio::test]
async fn keys_that_open_nothing() {
    let root = ScriptRoot::new();
    let (_app, url) = app(&root).await;
    let tables = copy(&root);
    let (code, found) = ask(&url, tables.path(), &["--wait", "60"], &[]).await;
    assert_eq!(code, Some(1));
    check(&found, "key", "bad", "no key to ask with");
    assert!(!found.contains_key("decisions"), "{found:?}");
    let wrong = [("ALLOCATE_KEY", POLICY_KEY), ("OPERATOR_KEY", ALLOCATE_KEY)];
    let (_, found) = ask(&url, tables.path(), &[], &wrong).await;
    check(&found, "key", "bad", "401: ALLOCATE_KEY");
    check(&found, "findings", "bad", "401: OPERATOR_KEY");
}

#[tokio::test]
async fn other_tables_than_those_of_the_app() {
    let root = ScriptRoot::new();
    let (app, url) = app(&root).await;
    let tables = copy(&root);
    let hubs = fs::read_to_string(tables.path().join("hubs.csv")).unwrap();
    let closed = hubs.replace("EU,factory,2,,open", "EU,factory,2,,closed");
    assert_ne!(closed, hubs);
    fs::write(tables.path().join("hubs.csv"), closed).unwrap();
    let (code, found) = ask(&url, tables.path(), &[], &KEYS).await;
    assert_eq!(code, Some(1));
    check(&found, "policy", "bad", "the webhook decides by revision");
    let hub = "`pump-*`: hub `contoso-weu-1.azure-devices.net`, here `contoso-eus-1";
    check(&found, "decisions", "bad", hub);

    // The app refuses an edit, and says so to operators.
    root.write_table("hubs", &hubs.replace("EU,factory,2", "EU,factory,two"));
    app.until("the refusal", || async {
        app.get("health").await.body["status"] == "stale"
    })
    .await;
    let (_, found) = ask(&url, tables.path(), &[], &KEYS).await;
    check(&found, "policy", "bad", "may not be that of the tables");
    check(&found, "findings", "bad", "has refused the last edit");
    // Tables with errors decide nothing.
    let (_, found) = ask(&url, &root.path().join("infra/policy"), &[], &KEYS).await;
    check(&found, "tables", "bad", "1 error");
    assert!(!found.contains_key("decisions"), "{found:?}");
}

#[tokio::test]
async fn an_address_without_a_webhook() {
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/policy");
    let (code, found) = ask("http://127.0.0.1:1", &tables, &[], &KEYS).await;
    assert_eq!(code, Some(1));
    check(&found, "reachable", "bad", "refused");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, Router::new()).await });
    let (_, found) = ask(&url, &tables, &[], &KEYS).await;
    check(
        &found,
        "reachable",
        "bad",
        "404 from /api/health, not by the webhook",
    );
    server.abort();
}

/// A program `az` that lists these hubs.
fn az(hubs: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("az");
    let text = format!(
        "#!/bin/sh\n[ \"$*\" = 'iot dps linked-hub list --dps-name my-dps --output json' ] || exit 2\n\
         echo '{hubs}'\n"
    );
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}
