//! The harness finds secrets in telemetry, which holds nothing that the tables say of a device.

use std::panic::{AssertUnwindSafe, catch_unwind};

use e2e::{Collector, Mood, Runtime, ScriptRoot, fixture, keep_secret};
use functions_host::Auth;
use serde_json::{Value, json};

use super::ALLOCATE;

/// Drops it, which must find the secret.
fn check(harness: impl Sized, place: &str, secret: &str) {
    let found = catch_unwind(AssertUnwindSafe(|| drop(harness))).unwrap_err();
    let found = found.downcast::<String>().unwrap();
    assert!(found.contains(place) && found.contains(secret), "{found}");
}

#[tokio::test]
async fn a_planted_secret_is_found_in_what_a_process_writes() {
    let root = ScriptRoot::new();
    // The program logs where its tables are.
    let folder = root.path().join("planted-0123456789");
    std::fs::rename(root.path().join("infra/policy"), &folder).unwrap();
    let settings = [("POLICY_DIR", folder.to_str().unwrap())];
    let app = Runtime::alone(&root, &settings).await;
    app.until("the line that names it", || async {
        app.lines()
            .iter()
            .any(|it| it.contains("planted-0123456789"))
    })
    .await;
    keep_secret("planted-0123456789");
    check(app, "alone", "planted-0123456789");
}

#[tokio::test]
async fn a_planted_secret_is_found_in_what_is_exported() {
    let (otlp, track) = (
        Collector::start(Mood::Takes).await,
        Collector::start(Mood::Takes).await,
    );
    let connection = format!(
        "InstrumentationKey=00000000-0000-0000-0000-0000000000cd;IngestionEndpoint={}/",
        track.url()
    );
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*otlp.url()),
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", &*connection),
        // As if an attribute of the process held the key.
        ("OTEL_RESOURCE_ATTRIBUTES", "planted=planted-9876543210"),
    ];
    let root = ScriptRoot::new();
    let app = Runtime::alone(&root, &settings).await;
    assert_eq!(app.allocate(&fixture("group-x509")).await.status, 200);
    otlp.until("the span", |it| !it.spans(ALLOCATE).is_empty())
        .await;
    track
        .until("the span", |it| !it.envelopes().is_empty())
        .await;
    drop(app);
    keep_secret("planted-9876543210");
    check(otlp, "OTLP", "planted-9876543210");
    check(track, "Application Insights", "planted-9876543210");
}

/// Attributes, groups and replies are values of the tables, and no more for logs than payloads are.
#[tokio::test]
async fn what_rows_and_replies_say_is_in_no_log_and_no_telemetry() {
    const HASHED: [(&str, &str); 1] = [("LOG_ID_KEY", "0123456789abcdef0123456789abcdef")];
    let root = ScriptRoot::planted();
    for ids in [&HASHED[..], &[]] {
        let (otlp, track) = (
            Collector::start(Mood::Takes).await,
            Collector::start(Mood::Takes).await,
        );
        let (endpoint, connection) = (
            otlp.url(),
            format!(
                "InstrumentationKey=00000000-0000-0000-0000-0000000000ef;IngestionEndpoint={}/",
                track.url()
            ),
        );
        let exporters = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
            ("APPLICATIONINSIGHTS_CONNECTION_STRING", &*connection),
            ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
        ];
        let alone = Runtime::alone(&root, &[&exporters[..], ids].concat()).await;
        let hosted = Runtime::stand_in(&root, Auth::Off, ids).await;
        for app in [&alone, &hosted] {
            check_allocation(app, ids.is_empty()).await;
        }
        otlp.until("the spans", |it| it.spans(ALLOCATE).len() >= 3)
            .await;
        track
            .until("the spans", |it| it.has_seen("RequestData"))
            .await;
        // Dropping them searches what they wrote, and what they were sent.
    }
}

/// Registers a device for which all these values matter: the answer has them, and the log does not.
async fn check_allocation(app: &Runtime, ids_are_plain: bool) {
    let mut request = fixture("individual-tpm-payload");
    let answer = app.allocate(&request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answered = answer.body.to_string();
    for planted in ["planted-attribute", "planted-reply", "planted-greeting"] {
        assert!(answered.contains(planted), "{planted}: {answered}");
    }
    // The operator may see why, and no log may.
    let explained = app.explain(&request).await;
    assert_eq!(explained["reason"], answer.reason);
    // By a rule whose condition holds, and by one whose condition fails.
    for (member, condition) in [("recalled", "holds"), ("broken", "fails")] {
        request["deviceRuntimeContext"]["payload"] = json!({ member: true });
        let answer = app.allocate(&request).await;
        assert_eq!(answer.reason, "refusedByRule", "{condition}: {answer:?}");
    }
    let lines = || {
        let lines = app.lines().into_iter();
        let lines = lines.filter(|line| line.starts_with("{\"log\":\"decision\""));
        lines.collect::<Vec<String>>()
    };
    app.until("the lines", || async { lines().len() == 3 })
        .await;
    let line: Value = serde_json::from_str(&lines()[0]).unwrap();
    assert_eq!(line["device"]["attributes"], "withheld", "{line}");
    assert_eq!(line["group"] == "withheld", ids_are_plain, "{line}");
}
