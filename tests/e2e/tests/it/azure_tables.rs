//! Config tables in Azure Tables, from the first push to an outage, as an operator lives it.

use std::fs;
use std::sync::Arc;

use azurite::Fault;
use e2e::{Load, Runtime, ScriptRoot, Tally, fixture};
use serde_json::Value;

use crate::account::Account;

const WEU: &str = "contoso-weu-1.azure-devices.net";

async fn revision(app: &Runtime) -> Value {
    app.get("policy").await.body["revision"].clone()
}

#[tokio::test]
async fn from_the_first_push_to_a_rollback() {
    let account = Account::new();
    let pushed = account.operate(&[
        "push",
        "--yes",
        "--devices",
        "--reason",
        "first",
        "infra/policy",
    ]);
    assert!(pushed.contains("the tables hold revision"), "{pushed}");
    let root = ScriptRoot::new();
    let app = Runtime::alone(&root, &account.settings()).await;
    let request = fixture("group-x509");
    assert_eq!(app.allocate(&request).await.body["iotHubHostName"], WEU);
    let first = revision(&app).await;

    account.edit_hub(WEU, "state", "draining").await;
    app.until("the edit to be in use", || async {
        revision(&app).await != first
    })
    .await;
    assert_ne!(app.allocate(&request).await.body["iotHubHostName"], WEU);
    let second = revision(&app).await;

    account.edit_hub(WEU, "weight", "two").await;
    app.until("the finding", || async {
        !app.get("policy").await.body["lastRefused"].is_null()
    })
    .await;
    assert_eq!(app.allocate(&request).await.status, 200);
    assert_eq!(revision(&app).await, second);

    let first = first.as_str().unwrap();
    let history: Value = serde_json::from_str(&account.operate(&["history", "--json"])).unwrap();
    let kept: Vec<&str> = history["revisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["revision"].as_str().unwrap())
        .collect();
    assert_eq!(
        kept,
        [second.as_str().unwrap(), first],
        "the webhook keeps what it took"
    );
    account.operate(&["rollback", "--yes", first]);
    app.until("the rollback to be in use", || async {
        revision(&app).await == first
    })
    .await;
    assert_eq!(app.allocate(&request).await.body["iotHubHostName"], WEU);
}

/// One try and two more: after as many a poll has failed.
const TRIES: usize = 3;

#[tokio::test]
async fn polls_that_fail_in_every_way_fail_no_allocation() {
    let account = Account::new();
    account.operate(&["push", "--yes", "infra/policy"]);
    let root = ScriptRoot::new();
    let app = Arc::new(Runtime::alone(&root, &account.settings()).await);
    let request = fixture("group-x509");
    assert_eq!(app.allocate(&request).await.status, 200);
    let before = revision(&app).await;

    let load = Load::start(&app, &request, 2);
    let busy = Fault::ServiceUnavailable {
        retry_after: Some(5),
        times: u32::MAX,
    };
    for fault in [Fault::Refuse, Fault::BlackHole, busy, Fault::Reset] {
        account.proxy.set(fault);
        let (connections, requests) = (account.proxy.connections(), account.proxy.requests());
        app.until("a poll that fails", || async {
            account.proxy.connections() >= connections + TRIES
                || account.proxy.requests() >= requests + TRIES
        })
        .await;
        assert_eq!(revision(&app).await, before);
    }
    app.until("the policy to be stale", || async {
        app.get("health").await.body["status"] == "stale"
    })
    .await;
    account.proxy.set(Fault::None);
    account.edit_hub(WEU, "weight", "3").await;
    app.until("the edit to be in use", || async {
        revision(&app).await != before
    })
    .await;
    let tally = load.stop().await;
    let answered: usize = tally.values().sum();
    assert_eq!(
        tally,
        Tally::from([((200, "weighted".to_owned()), answered)])
    );
}

#[tokio::test]
async fn a_cold_start_without_the_store_goes_on_with_what_came_with_the_zip() {
    let account = Account::new();
    account.operate(&["push", "--yes", "infra/policy"]);
    let root = ScriptRoot::new();
    let file = account.carry_last_good(&root);
    account.proxy.set(Fault::Refuse);
    let app = Runtime::alone(&root, &account.settings()).await;
    let request = fixture("group-x509");
    app.until("a decision", || async {
        app.allocate(&request).await.status == 200
    })
    .await;
    let health = app.get("health").await;
    assert_eq!(health.body["status"], "stale");
    assert!(health.body["ageSeconds"].is_i64(), "{}", health.body);
    drop(app);

    fs::write(&file, "not a policy\n").unwrap();
    let app = Runtime::alone(&root, &account.settings()).await;
    let answer = app.allocate(&request).await;
    assert_eq!((answer.status, answer.reason.as_str()), (503, "noPolicy"));
    account.proxy.set(Fault::None);
    app.until("the tables to be read", || async {
        app.allocate(&request).await.status == 200
    })
    .await;
}
