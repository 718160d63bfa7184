//! Edits of the tables while the app serves.

use std::sync::Arc;

use e2e::{Load, Runtime, ScriptRoot, Tally, fixture};
use functions_host::Auth;

/// The shortest interval between two looks at the tables.
const REFRESH: [(&str, &str); 1] = [("POLICY_REFRESH_SECONDS", "1")];

#[tokio::test]
async fn an_edit_changes_the_decision() {
    let root = ScriptRoot::new();
    let app = Runtime::alone(&root, &REFRESH).await;
    let request = fixture("group-x509");
    assert_eq!(
        app.allocate(&request).await.body["iotHubHostName"],
        "contoso-weu-1.azure-devices.net"
    );

    let hubs = root.table("hubs");
    root.write_table(
        "hubs",
        &hubs.replace(
            "westeurope,EU,factory,2,,open",
            "westeurope,EU,factory,2,,draining",
        ),
    );
    app.until("the edit to be taken", || async {
        app.allocate(&request).await.body["iotHubHostName"] == "contoso-eus-1.azure-devices.net"
    })
    .await;
}

#[tokio::test]
async fn a_wrong_edit_under_load_fails_no_request_and_shows_its_findings() {
    let root = ScriptRoot::new();
    let app = Arc::new(Runtime::stand_in(&root, Auth::Off, &REFRESH).await);
    let request = fixture("group-x509");
    assert_eq!(app.allocate(&request).await.status, 200);
    let revision = app.get("policy").await.body["revision"].clone();

    let load = Load::start(&app, &request, 8);
    let hubs = root.table("hubs");
    root.write_table("hubs", &hubs.replace("EU,factory,2", "EU,factory,two"));
    app.until("the finding", || async {
        !app.get("policy").await.body["lastRefused"].is_null()
    })
    .await;
    let policy = app.get("policy").await.body;
    assert_eq!(policy["revision"], revision);
    assert_eq!(app.get("health").await.body["status"], "stale");
    let finding = &policy["lastRefused"]["findings"][0];
    assert_eq!(finding["table"], "hubs");
    assert_eq!(finding["row"], "hub/contoso-weu-1.azure-devices.net");
    assert_eq!(finding["column"], "weight");
    assert_eq!(
        finding["rule"],
        "`two` is not a whole number from 0 to 1000"
    );

    root.write_table("hubs", &hubs.replace("EU,factory,2", "EU,factory,3"));
    app.until("the repaired edit to be taken", || async {
        let policy = app.get("policy").await.body;
        policy["lastRefused"].is_null() && policy["revision"] != revision
    })
    .await;
    app.until("a load", || async { load.answered() > 100 })
        .await;
    let tally = load.stop().await;
    let answered: usize = tally.values().sum();
    assert_eq!(
        tally,
        Tally::from([((200, "weighted".to_owned()), answered)])
    );

    let finding = app
        .host()
        .log()
        .lines()
        .into_iter()
        .find(|line| line.message.contains("`two`"));
    assert!(finding.is_some(), "the finding is in the log");
}
