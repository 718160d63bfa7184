//! The harness finds what should not be told.

use std::panic::{AssertUnwindSafe, catch_unwind};

use e2e::{Collector, Mood, Runtime, ScriptRoot, fixture, keep_secret};

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
        // As if the key were told of the process.
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
