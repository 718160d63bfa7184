//! What `/api/policy` says about the exports of traces and metrics.

use std::time::{Duration, Instant};

use dps_settings::Environment;
use dps_telemetry::{Settings, Telemetry};
use dps_webhook::Endpoints;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::running::PATIENCE;
use crate::webhook::{Webhook, app, good_request};

/// `/api/policy` after a decision, once its export to each destination has failed.
async fn exports(settings: &[(&str, &str)]) -> Value {
    let settings = settings
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    let settings = Environment::new(settings).read(Settings::read).unwrap();
    let telemetry = Telemetry::start(&settings).unwrap();
    let mut webhook = Webhook::new();
    let (mut served, refresh) = app(&webhook.store(), &webhook.lines);
    served.telemetry = telemetry.clone();
    (webhook.endpoints, webhook.refresh) = (Endpoints::new(served, None), refresh);
    webhook.refresh.poll().await;
    webhook.allocate(&good_request()).await;
    // What is sent to Application Insights is tried for half a minute, so that no end is waited for.
    telemetry.flush(Duration::ZERO);
    let begin = Instant::now();
    loop {
        let answer = webhook.get("/api/policy").await;
        assert!(!answer.text.contains("hush"), "{}", answer.text);
        assert!(!answer.text.contains("127.0.0.1:9"), "{}", answer.text);
        let exports = answer.json()["telemetry"].clone();
        if exports.as_array().unwrap().iter().all(has_failed) || begin.elapsed() > PATIENCE {
            return exports;
        }
        sleep(Duration::from_millis(5)).await;
    }
}

/// Spans count as lost after the last attempt.
fn has_failed(delivery: &Value) -> bool {
    let is_lost = delivery["destination"] != "OTLP traces" || delivery["droppedSpans"] != 0;
    delivery["failingSince"].is_string() && is_lost
}

#[tokio::test]
async fn each_destination_is_shown_without_its_address_and_keys() {
    assert_eq!(exports(&[]).await, json!([]));
    let insights = "InstrumentationKey=00000000-0000-0000-0000-000000000000;\
                    IngestionEndpoint=http://127.0.0.1:9/";
    let exports = exports(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hush"),
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", insights),
    ])
    .await;
    let names: Vec<&str> = exports
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["destination"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["OTLP metrics", "Application Insights", "OTLP traces"]
    );
    for delivery in exports.as_array().unwrap() {
        assert_eq!(delivery["lastSuccess"], Value::Null, "{exports}");
        assert!(delivery["failingSince"].is_string(), "{exports}");
        assert_eq!(delivery["problem"], "no answer", "{exports}");
    }
    assert_eq!(exports[0]["droppedSpans"], 0, "{exports}");
    assert_eq!(exports[2]["droppedSpans"], 1, "{exports}");
}
