//! Pairs of features that each work alone: refresh, push, outage and start.

use azurite::Fault;
use dps_allocation::tables::TableName;
use tempfile::TempDir;

use crate::tables::{Cloud, OF_OLD};
use crate::webhook::{Webhook, Written, good_request};

const HUB: (&str, &str) = ("hub", "neu.azure-devices.net");

/// Plays a script, one word a step, and says what holds then: which policy decides, what
/// `/api/health` says, and whether a push is under way and an edit is refused.
///
/// `start` is a new instance and its first poll, `restart` the same with the last good policy of
/// the instances before on its disk, `poll` a poll; `edit` changes a row and `break` writes one
/// with an error, `undo` puts it right; `begin` is a push that has written a row (`begin-old` one of
/// an earlier version) and `end` its last write; `away` is a store that cannot be reached, `silent` one that answers small questions only,
/// and `back` ends both.
async fn check(script: &str, expected: &str) {
    let (cloud, disk) = (Cloud::new().await, TempDir::new().unwrap());
    let (log, _guard) = Written::log();
    let mut webhook: Option<Webhook> = None;
    let mut first = String::new();
    for step in script.split(' ') {
        match step {
            "start" => webhook = Some(cloud.webhook()),
            "restart" => webhook = Some(cloud.webhook_keeping(disk.path().to_owned())),
            "edit" => cloud.edit(TableName::Hubs, HUB, &[("weight", "5")]).await,
            "break" => {
                cloud
                    .edit(TableName::Hubs, HUB, &[("weight", "much")])
                    .await;
            }
            "undo" => cloud.edit(TableName::Hubs, HUB, &[("weight", "1")]).await,
            "begin" | "begin-old" => {
                let author = if step == "begin" { "ada" } else { OF_OLD };
                cloud.mark_push(author).await;
                cloud.edit(TableName::Hubs, HUB, &[("weight", "7")]).await;
            }
            "end" => cloud.unmark_push().await,
            "away" => cloud.proxy.set(Fault::Refuse),
            "silent" => {
                let hubs = Fault::OnlyTo("Hubs() ".to_owned(), Box::new(Fault::BlackHole));
                cloud.proxy.set(hubs);
            }
            "back" => cloud.proxy.set(Fault::None),
            "poll" => {}
            _ => panic!("`{step}` is not a step"),
        }
        if matches!(step, "start" | "restart" | "poll") {
            let webhook = webhook.as_mut().unwrap();
            webhook.refresh.poll().await;
            if first.is_empty() {
                first = deciding(webhook).await;
            }
        }
    }
    let webhook = webhook.unwrap();
    let decides = match deciding(&webhook).await {
        none if none.is_empty() => "none",
        same if same == first => "first",
        _ => "other",
    };
    let health = webhook.get("/api/health").await.json();
    let policy = webhook.get("/api/policy").await.json();
    let mut observed = format!("{decides} {}", health["status"].as_str().unwrap());
    for (word, holds) in [
        ("push", policy["pushUnderWay"].is_object()),
        ("refused", policy["lastRefused"].is_object()),
        ("unreadable", policy["unreadable"].is_object()),
    ] {
        if holds {
            observed = format!("{observed} {word}");
        }
    }
    let pushing = policy["pushUnderWay"].is_object();
    assert_eq!(health["pushUnderWay"] == true, pushing, "{health}");
    assert_eq!(observed, expected, "{script}");
    // Whoever watches the log for errors hears of outages and refused edits, of nothing else.
    let trouble = ["away", "silent", "break"].map(|step| script.contains(step));
    let errors = log.text().contains("ERROR");
    assert_eq!(
        errors,
        trouble.contains(&true) && script != SILENT_PUSH,
        "{}",
        log.text()
    );
}

/// The tables are not even read, so that nobody notices.
const SILENT_PUSH: &str = "start begin poll silent poll";

async fn deciding(webhook: &Webhook) -> String {
    let answer = webhook.allocate(&good_request()).await;
    answer.header("dps-policy-revision").to_owned()
}

#[tokio::test]
async fn a_push_while_an_instance_runs() {
    check("start begin poll poll poll", "first ok push").await;
    check("start begin poll end poll", "first ok").await;
    check("start begin poll end poll poll", "other ok").await;
    check("start edit poll begin poll poll", "first ok push").await;
    check(
        "start break poll poll begin poll",
        "first stale push refused",
    )
    .await;
}

#[tokio::test]
async fn a_start_while_a_push_is_under_way() {
    check("start begin start", "first ok push").await;
    check("start begin start poll poll", "first ok push").await;
    check("start begin start end poll", "other ok").await;
    check("restart begin restart", "first ok push").await;
    check("restart edit poll poll begin restart", "other ok push").await;
    check("start begin-old start", "first ok push").await;
}

#[tokio::test]
async fn an_outage_while_a_push_is_under_way() {
    check("start begin poll away poll", "first stale push unreadable").await;
    check("start begin poll away poll back poll", "first ok push").await;
    check("start begin poll away poll end back poll poll", "other ok").await;
    check(SILENT_PUSH, "first ok push").await;
}

#[tokio::test]
async fn a_start_while_the_store_is_away() {
    check("start away start", "none noPolicy unreadable").await;
    check("restart away restart", "first stale unreadable").await;
    check("restart silent restart", "first stale unreadable").await;
    check("restart away restart back poll", "first ok").await;
    check("restart begin away restart", "first stale unreadable").await;
    check("restart begin away restart back poll", "first ok push").await;
    check("restart begin away restart end back poll", "other ok").await;
    check("restart break restart", "first stale refused").await;
    check("restart break restart undo poll poll", "first ok").await;
}
