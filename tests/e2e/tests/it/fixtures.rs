//! Every captured request gets its hub, twin and reason, however the app is run.

use e2e::{CAPTURED, Runtime, ScriptRoot, fixture};
use functions_host::Auth;
use serde_json::Value;
use support::expected;

const FORWARDING: [(&str, &str); 2] = [
    (
        "AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest",
        "false",
    ),
    (
        "AzureFunctionsJobHost__customHandler__enableForwardingHttpRequest",
        "true",
    ),
];

#[tokio::test]
async fn alone() {
    let root = ScriptRoot::new();
    check_all(&Runtime::alone(&root, &[]).await).await;
}

#[tokio::test]
async fn under_a_host_that_proxies() {
    let root = ScriptRoot::new();
    check_all(&Runtime::stand_in(&root, Auth::Off, &[]).await).await;
}

#[tokio::test]
async fn under_a_host_that_forwards() {
    let root = ScriptRoot::new();
    check_all(&Runtime::stand_in(&root, Auth::Off, &FORWARDING).await).await;
}

#[tokio::test]
async fn under_a_real_func() {
    let root = ScriptRoot::new();
    match Runtime::func(&root).await {
        Some(func) => check_all(&func).await,
        None => println!("no func on the PATH and no FUNC_BIN: the stand-in alone was the host"),
    }
}

/// The answer, the reason and the row that decided, for each captured request.
async fn check_all(app: &Runtime) {
    for name in CAPTURED {
        check(app, name).await;
    }
}

async fn check(app: &Runtime, name: &str) {
    let (app_name, request, due) = (app.name(), fixture(name), expected(name));
    let (reason, expected) = (&*due.reason, &due.response);
    let answer = app.allocate(&request).await;
    let got = (answer.status, &*answer.reason);
    assert_eq!(got, (200, reason), "{app_name}: {name}: {answer:?}");
    assert_eq!(
        answer.content_type, "application/json",
        "{app_name}: {name}"
    );
    assert_eq!(&answer.body, expected, "{app_name}: {name}");

    let explanation = app.explain(&request).await;
    assert_eq!(explanation["reason"], reason, "{app_name}: {name}");
    assert_eq!(&explanation["response"], expected, "{app_name}: {name}");
    assert_eq!(
        explanation["decidedBy"], due.decided_by,
        "{app_name}: {name}"
    );
    let verdicts = explanation["hubs"]
        .as_array()
        .expect("a verdict for each hub");
    let chosen: Vec<&Value> = verdicts
        .iter()
        .filter(|it| it["verdict"] == "chosen")
        .collect();
    let hub = expected["iotHubHostName"].as_str().unwrap_or_default();
    assert_eq!(chosen.len(), 1, "{app_name}: {name}: {verdicts:?}");
    assert_eq!(
        chosen[0]["hub"],
        hub.to_ascii_lowercase(),
        "{app_name}: {name}"
    );
    let explained = verdicts
        .iter()
        .all(|it| it["because"].as_str().is_some_and(|it| !it.is_empty()));
    assert!(
        verdicts.len() >= 8 && explained,
        "{app_name}: {name}: {verdicts:?}"
    );
}
