//! What Application Insights is sent.

use e2e::{Collector, Mood, Runtime, ScriptRoot};
use functions_host::{Auth, Stop};
use serde_json::Value;

use super::{ALLOCATE, CALLER, TRACE, secretive};

#[tokio::test]
async fn application_insights_gets_its_own_format() {
    let collector = Collector::start(Mood::Takes).await;
    let key = "00000000-0000-0000-0000-0000000000ab";
    let connection = format!(
        "InstrumentationKey={key};IngestionEndpoint={}/;",
        collector.url()
    );
    let settings = [
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", &*connection),
        ("WEBSITE_SITE_NAME", "contoso-dps"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
    ];
    let root = ScriptRoot::new();
    let app = Runtime::stand_in(&root, Auth::Off, &settings).await;
    let app = app.with_header("traceparent", &format!("00-{TRACE}-{CALLER}-01"));
    assert_eq!(app.allocate(&secretive()).await.status, 200);
    for text in [
        "dps.decisions",
        "http.server.request.duration",
        "RequestData",
    ] {
        collector.until(text, |it| it.has_seen(text)).await;
    }
    app.stop(Stop::Host).await;

    let envelopes = collector.envelopes();
    assert!(
        envelopes
            .iter()
            .all(|it| it["iKey"] == key && it["time"].is_string())
    );
    let requests = envelopes
        .iter()
        .filter(|it| it["data"]["baseType"] == "RequestData");
    let requests: Vec<_> = requests.collect();
    assert_eq!(requests.len(), 1, "{envelopes:?}");
    let request = requests[0];
    assert_eq!(request["name"], "Microsoft.ApplicationInsights.Request");
    assert_eq!(request["tags"]["ai.operation.id"], TRACE);
    let parent = request["tags"]["ai.operation.parentId"].as_str().unwrap();
    assert!(parent.len() == 16 && parent != CALLER, "{parent}");
    assert_eq!(request["tags"]["ai.cloud.role"], "contoso-dps");
    let data = &request["data"]["baseData"];
    assert_eq!((&data["ver"], &data["success"]), (&2.into(), &true.into()));
    assert_eq!(
        (&data["name"], &data["responseCode"]),
        (&ALLOCATE.into(), &"200".into())
    );
    assert_eq!(data["properties"]["dps.outcome"], "assigned");

    let metrics = envelopes
        .iter()
        .filter(|it| it["data"]["baseType"] == "MetricData");
    let metrics = metrics.map(|it| &it["data"]["baseData"]["metrics"][0]);
    let named = |name: &str| metrics.clone().filter(|it| it["name"] == name).collect();
    let durations: Vec<&Value> = named("http.server.request.duration");
    // They are exported again and again while the app runs.
    assert!(!durations.is_empty(), "{envelopes:?}");
    assert_eq!(durations[0]["count"], 1);
    let decisions: Vec<&Value> = named("dps.decisions");
    assert!(!decisions.is_empty(), "{envelopes:?}");
    assert_eq!(decisions[0]["value"], 1.0);
}
