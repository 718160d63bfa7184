//! Every decision under the host has its line, and the line takes the same decision again.

use std::time::Duration;

use e2e::{CAPTURED, Runtime, ScriptRoot, dps_policy, fixture};
use functions_host::Auth;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::account::Account;

/// Far longer than a line needs.
const PATIENCE: Duration = Duration::from_mins(1);

/// Lets the app decide; the answer's hub or reason, and what the log says of it.
async fn logged(app: &Runtime, request: &Value) -> (Value, String) {
    let log = app.host().log().clone();
    let is_line = |message: &str| message.starts_with("{\"log\":\"decision\"");
    let before = log.lines().iter().filter(|it| is_line(&it.message)).count();
    let answer = app.allocate(request).await;
    let lines = || {
        let lines = log.lines().into_iter().map(|line| line.message);
        lines.filter(|it| is_line(it)).collect::<Vec<String>>()
    };
    let appears = async {
        while lines().len() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, appears)
        .await
        .expect("the decision is logged");
    let mut lines = lines();
    assert_eq!(lines.len(), before + 1, "{lines:?}");
    let line = lines.pop().unwrap();
    let record: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(record["reason"], answer.reason, "{line}");
    assert_eq!(record["hub"], answer.body["iotHubHostName"], "{line}");
    assert_eq!(record["invocationId"], record["decisionId"], "{line}");
    (record, line)
}

#[tokio::test]
async fn a_line_takes_the_same_decision_again() {
    let root = ScriptRoot::new();
    let app = Runtime::stand_in(&root, Auth::Off, &[]).await;
    let mut requests = CAPTURED.map(fixture).to_vec();
    let mut refused = fixture("individual-tpm-payload");
    refused["deviceRuntimeContext"]["payload"]["quarantine"] = json!(true);
    requests.push(refused);
    for request in requests {
        let (record, line) = logged(&app, &request).await;
        let again = dps_policy(&["explain", "--json", "--log", &line], &[]);
        let again: Value = serde_json::from_str(&again).unwrap();
        assert_eq!(again["log"], json!({"same": true}), "{line}");
        for member in ["reason", "outcome", "tenant", "revision", "registrationId"] {
            assert_eq!(again[member], record[member], "{member}: {line}");
        }
    }
}

#[tokio::test]
async fn a_line_is_taken_again_by_the_revision_that_azure_tables_keep() {
    let account = Account::new();
    account.operate(&["push", "--yes", "--devices", "infra/policy"]);
    let root = ScriptRoot::new();
    let app = Runtime::alone(&root, &account.settings()).await;
    let request = fixture("individual-never-reprovision");
    assert_eq!(app.allocate(&request).await.status, 200);
    let line = || {
        let mut lines = app.lines().into_iter();
        lines.find(|line| line.starts_with("{\"log\":\"decision\""))
    };
    app.until("the line", || async { line().is_some() }).await;
    let line = line().unwrap();
    let record: Value = serde_json::from_str(&line).unwrap();
    let revision = record["revision"].as_str().unwrap();

    let hub = record["hub"].as_str().unwrap();
    account.edit_hub(hub, "state", "closed").await;
    app.until("the edit to be in use", || async {
        app.get("policy").await.body["revision"] != revision
    })
    .await;
    // By what the tables held then, which is what `explain` takes unasked.
    let at = format!("tables@{revision}");
    for more in [&["--policy", &*at][..], &[]] {
        let again = account.operate(&[&["explain", "--json", "--log", &line], more].concat());
        let again: Value = serde_json::from_str(&again).unwrap();
        assert_eq!(again["log"], json!({"same": true}), "{more:?}: {line}");
        assert_eq!(again["revision"], record["revision"], "{more:?}");
    }
}
