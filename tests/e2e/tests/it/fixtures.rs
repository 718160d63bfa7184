//! Every captured request gets its hub, twin and reason, however the app is run.

use e2e::{Runtime, ScriptRoot, fixture};
use functions_host::Auth;
use serde_json::{Value, json};

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

/// The hub, the reason and the row that decided, for each captured request.
async fn check_all(app: &Runtime) {
    let tenant = |id: &str| row("tenants", "tenant", id);
    let appliance = |more: &Value| {
        twin(
            json!({"tenant": "contoso"}),
            json!({"state": "ready"}),
            more,
        )
    };
    let toaster = json!({
        "tags": {"deviceType": "toaster"},
        "desired": {"darknessSetting": "medium"},
    });
    check(
        app,
        "group-sparse-2019",
        "stay",
        &tenant("contoso"),
        &json!({
            "iotHubHostName": "IoTPnPWS-Hub-20210726.azure-devices.net",
            "initialTwin": appliance(&json!({})),
        }),
    )
    .await;
    check(
        app,
        "group-symmetric-key-first",
        "weighted",
        &row("rules", "contoso", "100-toasters"),
        &json!({
            "iotHubHostName": "custom-allocation-toasters-hub.azure-devices.net",
            "initialTwin": appliance(&toaster),
        }),
    )
    .await;
    let mut reported = toaster;
    reported["desired"]["firmware"] = json!("12.0.2.5");
    check(
        app,
        "group-symmetric-key-reprovision-payload",
        "stay",
        &tenant("contoso"),
        &json!({
            "iotHubHostName": "contoso-toasters-hub-1098.azure-devices.net",
            "initialTwin": appliance(&reported),
        }),
    )
    .await;

    let tags = json!({"provisionedBy": "dps-allocator", "tenant": "tenant-a"});
    let factory = |more: &Value| twin(tags.clone(), json!({"telemetryIntervalSec": 30}), more);
    let payload = |id: &str| json!({"tenant": "tenant-a", "greeting": format!("welcome {id}")});
    check(
        app,
        "group-x509",
        "weighted",
        &tenant("tenant-a"),
        &json!({
            "iotHubHostName": "contoso-weu-1.azure-devices.net",
            "initialTwin": factory(&json!({})),
            "payload": payload("device-01"),
        }),
    )
    .await;
    check(
        app,
        "individual-never-reprovision",
        "stay",
        &tenant("tenant-a"),
        &json!({
            "iotHubHostName": "contoso-weu-1.azure-devices.net",
            "initialTwin": factory(&json!({})),
            "payload": payload("pump-0042"),
        }),
    )
    .await;
    // The enrollment's own initial twin is the lowest layer: its `site` stays.
    let gateway =
        json!({"tags": {"deviceType": "gateway", "model": "gw-500", "site": "unassigned"}});
    check(
        app,
        "individual-tpm-payload",
        "latency",
        &tenant("tenant-a"),
        &json!({
            "iotHubHostName": "contoso-weu-1.azure-devices.net",
            "initialTwin": factory(&gateway),
            "payload": payload("tpm-gw-17"),
        }),
    )
    .await;
}

/// An initial twin with more tags and desired properties on top.
fn twin(mut tags: Value, mut desired: Value, more: &Value) -> Value {
    for (target, section) in [(&mut tags, "tags"), (&mut desired, "desired")] {
        for (key, value) in more[section].as_object().into_iter().flatten() {
            target[key] = value.clone();
        }
    }
    json!({"tags": tags, "properties": {"desired": desired}})
}

fn row(table: &str, partition: &str, key: &str) -> Value {
    json!({"table": table, "partitionKey": partition, "rowKey": key})
}

async fn check(app: &Runtime, name: &str, reason: &str, decided_by: &Value, expected: &Value) {
    let (app_name, request) = (app.name(), fixture(name));
    let answer = app.allocate(&request).await;
    let got = (answer.status, &*answer.reason);
    assert_eq!(got, (200, reason), "{app_name}: {name}: {answer:?}");
    assert_eq!(
        answer.content_type, "application/json",
        "{app_name}: {name}"
    );
    assert_eq!(answer.body, *expected, "{app_name}: {name}");

    let explanation = app.explain(&request).await;
    assert_eq!(explanation["reason"], reason, "{app_name}: {name}");
    assert_eq!(explanation["response"], *expected, "{app_name}: {name}");
    assert_eq!(explanation["decidedBy"], *decided_by, "{app_name}: {name}");
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
