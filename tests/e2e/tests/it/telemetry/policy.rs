//! What is told where there is no policy, and of an edit that is refused.

use e2e::{Collector, Mood, Runtime, ScriptRoot, fixture};
use functions_host::{Auth, Stop};

use super::ALLOCATE;

#[tokio::test]
async fn a_request_without_a_policy_is_an_error() {
    let collector = Collector::start(Mood::Takes).await;
    let url = collector.url();
    let root = ScriptRoot::new();
    root.write_table(
        "hubs",
        "PartitionKey,RowKey,colour\nhub,a.example.net,red\n",
    );
    // What has failed is exported whatever the sampling.
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*url),
        ("OTEL_TRACES_SAMPLER", "always_off"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
    ];
    let app = Runtime::stand_in(&root, Auth::Off, &settings).await;
    let answer = app.allocate(&fixture("group-x509")).await;
    assert_eq!((answer.status, &*answer.reason), (503, "noPolicy"));
    collector
        .until("the metrics", |it| !it.metric("dps.decisions").is_empty())
        .await;
    collector
        .until("the spans", |it| {
            !it.spans(ALLOCATE).is_empty() && !it.spans("refresh policy").is_empty()
        })
        .await;
    app.stop(Stop::Host).await;

    let spans = collector.spans(ALLOCATE);
    assert_eq!(spans.len(), 1, "{spans:?}");
    let span = &spans[0];
    assert_eq!(span.status, 2, "{span:?}");
    for (name, value) in [
        ("error.type", "noPolicy"),
        ("dps.outcome", "unavailable"),
        ("dps.reason", "noPolicy"),
        ("http.response.status_code", "503"),
        ("dps.policy_revision", ""),
    ] {
        assert_eq!(span.get(name), value, "{name}");
    }
    let decision = &collector.metric("dps.decisions")[0];
    assert_eq!(
        (&*decision["dps.outcome"], &*decision["value"]),
        ("unavailable", "1")
    );
    assert!(collector.metric("dps.policy.info").is_empty());
    let look = &collector.spans("refresh policy")[0];
    assert_eq!(look.get("dps.outcome"), "refused", "{look:?}");
}

#[tokio::test]
async fn an_edit_that_is_refused_is_counted_and_has_a_trace() {
    let collector = Collector::start(Mood::Takes).await;
    let url = collector.url();
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*url),
        ("POLICY_REFRESH_SECONDS", "1"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
    ];
    let root = ScriptRoot::new();
    let app = Runtime::stand_in(&root, Auth::Off, &settings).await;
    assert_eq!(app.allocate(&fixture("group-x509")).await.status, 200);
    let hubs = root.table("hubs");
    root.write_table("hubs", &hubs.replace("EU,factory,2", "EU,factory,two"));
    app.until("the finding", || async {
        !app.get("policy").await.body["lastRefused"].is_null()
    })
    .await;
    collector
        .until("the metric", |it| {
            !it.metric("dps.policy.rejected").is_empty()
        })
        .await;
    let refused = |it: &Collector| {
        let looks = it.spans("refresh policy");
        looks.iter().any(|it| it.get("dps.outcome") == "refused")
    };
    collector.until("the refused look", refused).await;
    app.stop(Stop::Host).await;
    assert_eq!(collector.metric("dps.policy.rejected")[0]["value"], "1");
    let looks = collector.spans("refresh policy");
    let refused = looks.iter().filter(|it| it.get("dps.outcome") == "refused");
    let refused: Vec<_> = refused.collect();
    assert_eq!(refused.len(), 1, "{looks:?}");
    // The revision is that of the policy that stays in use.
    let in_use = &collector.metric("dps.policy.info")[0]["dps.policy_revision"];
    assert_eq!(refused[0].get("dps.policy_revision"), in_use);
}
