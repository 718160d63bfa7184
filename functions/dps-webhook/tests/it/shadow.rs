//! A candidate policy beside the live one: counted, logged, and without a say.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use dps_policy_store::{CsvFolder, PolicyStore};
use dps_webhook::{Endpoints, LastGoodFiles, PolicyInUse, PolicyRefresh, Shadow};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::webhook::{TABLES, Webhook, Written, app, good_request, request, write_tables};

/// The webhook, and the candidate's tables with what polls them.
struct Shadowed {
    webhook: Webhook,
    candidate: TempDir,
    refresh: PolicyRefresh,
}

impl Shadowed {
    /// The candidate has the same tables, and is not polled so far.
    async fn new() -> Self {
        let mut webhook = Webhook::new();
        let candidate = TempDir::new().unwrap();
        write_tables(candidate.path());
        let store = PolicyStore::Csv(CsvFolder::new(candidate.path()));
        let policy = Arc::new(PolicyInUse::new(store.to_string(), Duration::from_secs(15)));
        let refresh = PolicyRefresh::new(store, Arc::clone(&policy)).as_candidate();
        let (mut live, live_refresh) = app(&webhook.store(), &webhook.lines);
        live.shadow = Some(Shadow::new(policy));
        webhook.endpoints = Endpoints::new(live, None);
        webhook.refresh = live_refresh.with_last_good(LastGoodFiles::default());
        webhook.refresh.poll().await;
        Self {
            webhook,
            candidate,
            refresh,
        }
    }

    /// Edits a table of the candidate, until that is installed or refused.
    async fn edit(&mut self, table: &str, from: &str, to: &str) {
        let name = format!("{table}.csv");
        let (_, text) = TABLES.iter().find(|(it, _)| *it == name).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(self.candidate.path().join(name), text.replace(from, to)).unwrap();
        self.poll_twice().await;
    }

    /// What `/api/policy` says of the candidate.
    async fn status(&self) -> Value {
        self.webhook.get("/api/policy").await.json()["shadow"].clone()
    }

    async fn decisions(&self) -> Value {
        self.status().await["decisions"].clone()
    }

    /// Two polls in a row, which install what they find.
    async fn poll_twice(&mut self) {
        self.refresh.poll().await;
        self.refresh.poll().await;
    }

    /// What the last line of the log says of the candidate.
    fn logged(&self) -> Value {
        let lines = self.webhook.lines();
        let line: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
        line["shadow"].clone()
    }
}

#[tokio::test]
async fn without_a_candidate_nothing_is_said() {
    let mut shadowed = Shadowed::new().await;
    let before = shadowed.webhook.allocate(&good_request()).await;
    assert_eq!(shadowed.logged(), Value::Null);
    assert_eq!(shadowed.decisions().await, json!({}));
    // Tables with errors are not a candidate.
    shadowed.edit("hubs", "hub,", "hub,,").await;
    let policy = shadowed.webhook.get("/api/policy").await.json();
    assert_eq!(policy["lastRefused"], Value::Null, "{policy}");
    assert!(policy["shadow"]["lastRefused"].is_object(), "{policy}");
    assert_eq!(
        shadowed.webhook.get("/api/health").await.json()["status"],
        "ok"
    );
    let after = shadowed.webhook.allocate(&good_request()).await;
    assert_eq!((before.status, before.text), (after.status, after.text));
}

#[tokio::test]
async fn each_difference_is_counted_and_logged_and_changes_no_answer() {
    const WEU: &str = "weu.azure-devices.net,EU,";
    const ACME: &str = "enrollment,acme,acme,,,";
    let cases = [
        ("acme", "hubs", "# the hubs", "# other words", "same"),
        ("twins", "hubs", "# the hubs", "# other words", "same"),
        ("twins", "twins", "{\"\"site", "{\"\"place", "twin"),
        (
            "acme",
            "hubs",
            WEU,
            "weu.azure-devices.net,EU,closed",
            "refused",
        ),
        ("acme", "hubs", "EU,closed,1", "EU,,1000", "hub"),
        (
            "acme",
            "enrollments",
            ACME,
            "enrollment,acme,acme,,,site",
            "twin",
        ),
        (
            "acme",
            "enrollments",
            ACME,
            "enrollment,acme,acme,,required,",
            "undecidable",
        ),
        ("idle", "tenants", "idle,suspended", "idle,", "accepted"),
        (
            "idle",
            "tenants",
            "idle,suspended",
            "idle,suspended",
            "same",
        ),
        (
            "idle",
            "enrollments",
            "enrollment,idle,",
            "enrollment,busy,",
            "reason",
        ),
    ];
    for (enrollment, table, from, to, expected) in cases {
        let mut shadowed = Shadowed::new().await;
        let registration = request(enrollment, json!({"site": "berlin"}));
        let live = shadowed.webhook.allocate(&registration).await;
        shadowed.edit(table, from, to).await;
        let answer = shadowed.webhook.allocate(&registration).await;
        assert_eq!(answer.status, live.status, "{table}: {to}");
        if live.status == 200 {
            assert_eq!(answer.text, live.text, "{table}: {to}");
        }
        let logged = shadowed.logged();
        assert_eq!(logged["difference"], expected, "{table}: {to}: {logged}");
        // The same answer is in the line itself.
        assert_eq!(
            logged["outcome"].is_null(),
            ["undecidable", "same"].contains(&expected),
            "{logged}"
        );
        assert_eq!(
            shadowed.decisions().await,
            json!({ expected: 1 }),
            "{table}: {to}"
        );
    }
}

/// The folder stays, without rows or without files; or it goes.
#[tokio::test]
async fn a_candidate_that_is_withdrawn_decides_nothing_and_is_no_fault() {
    const HEADER: &str = "PartitionKey,RowKey\n";
    let withdrawals: [fn(&Path); 3] = [
        |folder| {
            for (name, _) in TABLES {
                fs::write(folder.join(name), HEADER).unwrap();
            }
        },
        |folder| {
            for (name, _) in TABLES {
                fs::remove_file(folder.join(name)).unwrap();
            }
        },
        |folder| fs::remove_dir_all(folder).unwrap(),
    ];
    for withdraw in withdrawals {
        for is_refused in [false, true] {
            let mut shadowed = Shadowed::new().await;
            shadowed.poll_twice().await;
            if is_refused {
                shadowed.edit("hubs", "hub,", "hub,,").await;
                assert!(shadowed.status().await["lastRefused"].is_object());
            }
            let (log, guard) = Written::log();
            withdraw(shadowed.candidate.path());
            shadowed.poll_twice().await;
            drop(guard);
            let status = shadowed.status().await;
            for member in ["revision", "lastRefused", "unreadable"] {
                assert_eq!(status[member], Value::Null, "{status}");
            }
            assert_eq!(status["decisions"], json!({}));
            let log = log.text();
            assert!(log.contains("the candidate policy is withdrawn"), "{log}");
            assert!(!log.contains("WARN") && !log.contains("ERROR"), "{log}");
            shadowed.webhook.allocate(&good_request()).await;
            assert_eq!(shadowed.logged(), Value::Null);
            // It comes back as any edit does.
            fs::create_dir_all(shadowed.candidate.path()).unwrap();
            write_tables(shadowed.candidate.path());
            shadowed.poll_twice().await;
            shadowed.webhook.allocate(&good_request()).await;
            assert_eq!(shadowed.decisions().await, json!({"same": 1}));
        }
    }
}

/// It is made by hand, and its answers count for nothing.
#[tokio::test]
async fn a_candidate_without_the_rows_of_a_table_is_not_warned_about() {
    let mut shadowed = Shadowed::new().await;
    shadowed.poll_twice().await;
    let before = shadowed.status().await["revision"].clone();
    let (log, guard) = Written::log();
    fs::remove_file(shadowed.candidate.path().join("rules.csv")).unwrap();
    shadowed.poll_twice().await;
    drop(guard);
    assert_ne!(shadowed.status().await["revision"], before);
    let log = log.text();
    assert!(log.contains("policy installed"), "{log}");
    assert!(!log.contains("by accident"), "{log}");
}

/// Files that cannot be read are a fault, and do not hide behind an older one.
#[tokio::test]
async fn a_candidate_that_cannot_be_read_is_told() {
    let mut shadowed = Shadowed::new().await;
    shadowed.poll_twice().await;
    shadowed.edit("hubs", "hub,", "hub,,").await;
    let hubs = shadowed.candidate.path().join("hubs.csv");
    fs::remove_file(&hubs).unwrap();
    fs::create_dir(&hubs).unwrap();
    shadowed.poll_twice().await;
    let status = shadowed.status().await;
    assert!(status["unreadable"].is_object(), "{status}");
    assert!(status["lastRefused"].is_object(), "{status}");
    assert!(status["revision"].is_string(), "{status}");
}
