//! Edits of the tables: taken when they are finished and right, shown when they are wrong.

use std::fs;

use dps_webhook::LastGoodFiles;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::webhook::{TABLES, Webhook, Written, good_request};

const HUBS: &str = TABLES[0].1;

async fn policy(webhook: &Webhook) -> Value {
    webhook.get("/api/policy").await.json()
}

/// The revision that decides; the device is assigned whatever happens to the tables.
async fn deciding(webhook: &Webhook) -> String {
    let answer = webhook.allocate(&good_request()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.header("dps-policy-revision").to_owned()
}

#[tokio::test]
async fn an_edit_is_installed_when_two_polls_find_it() {
    let mut webhook = Webhook::started().await;
    let first = deciding(&webhook).await;
    webhook.write("hubs.csv", &HUBS.replace("EU,,1", "EU,,5"));
    webhook.refresh.poll().await;
    assert_eq!(
        deciding(&webhook).await,
        first,
        "a person may still be editing"
    );
    webhook.refresh.poll().await;
    assert_ne!(deciding(&webhook).await, first);
    assert_eq!(policy(&webhook).await["stale"], false);
}

#[tokio::test]
async fn a_half_finished_edit_is_never_taken() {
    let mut webhook = Webhook::started().await;
    let first = deciding(&webhook).await;
    for weight in 2..6 {
        webhook.write("hubs.csv", &HUBS.replace("EU,,1", &format!("EU,,{weight}")));
        webhook.refresh.poll().await;
        assert_eq!(deciding(&webhook).await, first);
    }
    webhook.refresh.poll().await;
    assert_ne!(deciding(&webhook).await, first);
}

#[tokio::test]
async fn a_wrong_edit_keeps_the_last_good_policy_and_shows_its_findings() {
    let mut webhook = Webhook::started().await;
    let (first, before) = (deciding(&webhook).await, policy(&webhook).await);
    webhook.write("hubs.csv", &HUBS.replace("EU,closed,1", "EU,closed,much"));
    webhook.write("tenant.csv", "PartitionKey,RowKey\n");
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    assert_eq!(deciding(&webhook).await, first);
    let refused = policy(&webhook).await;
    assert_eq!(refused["since"], before["since"]);
    assert_eq!(refused["stale"], true);
    let findings = refused["lastRefused"]["findings"].as_array().unwrap();
    let file = findings[0]["rule"].as_str().unwrap();
    assert!(file.contains("`tenant.csv`"), "{file}");
    let is_weight = |finding: &&Value| finding["column"] == "weight";
    let weight = findings.iter().find(is_weight).unwrap();
    assert_eq!(weight["severity"], "error");
    assert_eq!(weight["table"], "hubs");
    assert_eq!(weight["row"], "hub/old.azure-devices.net");
    assert_eq!(weight["line"], 5, "the comment counts as a line");
    assert!(
        weight["rule"].as_str().unwrap().contains("`much`"),
        "{weight}"
    );
    refused["lastRefused"]["at"]
        .as_str()
        .unwrap()
        .parse::<jiff::Timestamp>()
        .unwrap();

    webhook.refresh.poll().await;
    assert_eq!(
        policy(&webhook).await["lastRefused"],
        refused["lastRefused"],
        "not tried again"
    );

    fs::remove_file(webhook.folder.path().join("tenant.csv")).unwrap();
    webhook.write("hubs.csv", &HUBS.replace("EU,closed,1", "EU,closed,7"));
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    assert_ne!(deciding(&webhook).await, first);
    let repaired = policy(&webhook).await;
    assert_eq!(
        (&repaired["lastRefused"], &repaired["stale"]),
        (&Value::Null, &json!(false))
    );
}

/// Whatever has emptied it: the policy without its refusals is installed, and a warning says so once.
#[tokio::test]
async fn a_table_that_loses_all_of_its_rows_is_warned_about_once() {
    for (header, said) in [
        (
            None,
            "rules: `rules.csv` is gone: its table counts as empty",
        ),
        (
            Some("PartitionKey,RowKey\n"),
            "rules: all rows of the table are gone",
        ),
    ] {
        let (log, _guard) = Written::log();
        let mut webhook = Webhook::started().await;
        let first = deciding(&webhook).await;
        if let Some(header) = header {
            webhook.write("rules.csv", header);
        } else {
            fs::remove_file(webhook.folder.path().join("rules.csv")).unwrap();
        }
        webhook.refresh.poll().await;
        assert!(!log.text().contains(said), "not installed yet");
        webhook.refresh.poll().await;
        assert_ne!(deciding(&webhook).await, first);
        let warnings = policy(&webhook).await["warnings"].to_string();
        assert!(warnings.contains("by accident"), "{warnings}");
        webhook.write("hubs.csv", &HUBS.replace("EU,,1", "EU,,5"));
        webhook.refresh.poll().await;
        webhook.refresh.poll().await;
        let log = log.text();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(said)).collect();
        assert_eq!(lines.len(), 1, "{log}");
        assert!(lines[0].contains("WARN"), "{log}");
    }
}

/// What the table held is known from the last good policy, which decided until then.
#[tokio::test]
async fn a_table_that_is_emptied_while_the_webhook_is_down_is_warned_about() {
    let kept = TempDir::new().unwrap();
    let files = || LastGoodFiles::of(Some(kept.path().to_owned()), None);
    let first = Webhook::new();
    let store = first.store();
    let mut first = Webhook::over(&store, first.folder, files());
    first.refresh.poll().await;
    let (path, away) = (
        first.folder.path(),
        first.folder.path().with_extension("away"),
    );
    fs::rename(path, &away).unwrap();
    let mut webhook = Webhook::over(&store, TempDir::new().unwrap(), files());
    webhook.refresh.poll().await;
    assert!(policy(&webhook).await["lastGoodSaved"].is_string());
    fs::rename(&away, path).unwrap();
    fs::remove_file(path.join("rules.csv")).unwrap();
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    let policy = policy(&webhook).await;
    assert_eq!(policy["lastGoodSaved"], Value::Null, "{policy}");
    assert_eq!(policy["warnings"][0]["table"], "rules", "{policy}");
}

/// Of many warnings the last ones are not logged.
#[tokio::test]
async fn other_warnings_do_not_hide_that_a_table_is_empty() {
    let (log, _guard) = Written::log();
    let mut webhook = Webhook::started().await;
    fs::remove_file(webhook.folder.path().join("rules.csv")).unwrap();
    let (name, twins) = TABLES[4];
    let unused = (0..25).map(|it| format!("*,unused-{it},{{}}"));
    let rows = unused.collect::<Vec<_>>().join("\n");
    webhook.write(name, &format!("{twins}{rows}\n"));
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    let warnings = policy(&webhook).await["warnings"].clone();
    assert!(warnings.as_array().unwrap().len() > 25, "{warnings}");
    assert_eq!(warnings[0]["table"], "rules", "{warnings}");
    let log = log.text();
    assert!(log.contains("rules: `rules.csv` is gone"), "{log}");
    assert!(log.contains("further findings"), "{log}");
}

#[tokio::test]
async fn a_needed_file_that_is_gone_is_named() {
    for (file, thing) in [
        ("hubs", "hub"),
        ("enrollments", "enrollment"),
        ("tenants", "tenant"),
    ] {
        let mut webhook = Webhook::started().await;
        let first = deciding(&webhook).await;
        fs::remove_file(webhook.folder.path().join(format!("{file}.csv"))).unwrap();
        webhook.refresh.poll().await;
        webhook.refresh.poll().await;
        assert_eq!(deciding(&webhook).await, first);
        let refused = policy(&webhook).await["lastRefused"]["findings"].clone();
        let rule = format!("there is no {thing}, because the file `{file}.csv` is missing");
        let findings = refused.as_array().unwrap();
        let finding = findings.iter().find(|it| it["rule"] == *rule);
        let help = finding.unwrap_or_else(|| panic!("{refused}"))["help"].as_str();
        assert!(
            help.unwrap().starts_with("put it back, or add a row"),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn undoing_a_wrong_edit_restores_good_order() {
    let mut webhook = Webhook::started().await;
    let before = policy(&webhook).await;
    for hubs in ["nonsense\n", HUBS] {
        webhook.write("hubs.csv", hubs);
        webhook.refresh.poll().await;
        webhook.refresh.poll().await;
    }
    assert_eq!(policy(&webhook).await, before);
}

#[tokio::test]
async fn a_comment_changes_nothing_but_lines() {
    let mut webhook = Webhook::started().await;
    let before = policy(&webhook).await;
    webhook.write("hubs.csv", &format!("# one more comment\n{HUBS}"));
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    let after = policy(&webhook).await;
    assert_eq!(
        (&after["revision"], &after["since"]),
        (&before["revision"], &before["since"])
    );
}

#[tokio::test]
async fn new_device_rows_count_although_the_revision_is_the_same() {
    let mut webhook = Webhook::started().await;
    let first = deciding(&webhook).await;
    let mut request = crate::webhook::request("sold", Value::Null);
    request["deviceRuntimeContext"]["registrationId"] = json!("pump-2");
    webhook
        .allocate(&request)
        .await
        .assert_problem(424, "unknownDevice");
    webhook.write(
        "devices.csv",
        "PartitionKey,RowKey,tenant\npump-2,device,acme\n",
    );
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    assert_eq!(webhook.allocate(&request).await.status, 200);
    assert_eq!(deciding(&webhook).await, first);
}

#[tokio::test]
async fn a_folder_that_goes_away_keeps_the_last_good_policy() {
    let mut webhook = Webhook::started().await;
    let (first, before) = (deciding(&webhook).await, policy(&webhook).await);
    let (path, away) = (
        webhook.folder.path(),
        webhook.folder.path().with_extension("away"),
    );
    fs::rename(path, &away).unwrap();
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    assert_eq!(deciding(&webhook).await, first);
    let unreadable = policy(&webhook).await;
    assert_eq!(unreadable["stale"], true);
    let error = unreadable["unreadable"]["error"].as_str().unwrap();
    assert!(error.contains("No such file or directory"), "{error}");

    fs::rename(&away, webhook.folder.path()).unwrap();
    webhook.refresh.poll().await;
    assert_eq!(policy(&webhook).await, before);
}

#[tokio::test]
async fn tables_that_become_readable_after_the_start_are_taken() {
    let mut webhook = Webhook::new();
    webhook.write("hubs.csv", "nonsense\n");
    webhook.refresh.poll().await;
    webhook
        .allocate(&good_request())
        .await
        .assert_problem(503, "noPolicy");
    let refused = policy(&webhook).await;
    assert_eq!(refused["revision"], Value::Null);
    assert!(
        !refused["lastRefused"]["findings"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    webhook.write("hubs.csv", HUBS);
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    deciding(&webhook).await;
}

#[tokio::test]
async fn of_very_many_findings_only_the_first_are_shown() {
    let mut webhook = Webhook::started().await;
    let rows = "hub,x.azure-devices.net,EU,,much\n".repeat(1000);
    webhook.write("hubs.csv", &format!("{HUBS}{rows}"));
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    let refused = policy(&webhook).await;
    assert_eq!(
        refused["lastRefused"]["findings"].as_array().unwrap().len(),
        200
    );
}
