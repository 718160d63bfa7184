//! Calls of Azure Tables in traces and metrics.

use e2e::{Collector, Mood, Runtime, ScriptRoot, fixture};

use super::{ALLOCATE, CALLER, TRACE};
use crate::account::Account;

#[tokio::test]
async fn the_row_of_a_device_is_a_span_within_that_of_the_request() {
    let account = Account::new();
    account.operate(&["push", "--yes", "--devices", "infra/policy"]);
    let collector = Collector::start(Mood::Takes).await;
    let url = collector.url();
    let mut settings = account.settings().to_vec();
    settings.push(("OTEL_EXPORTER_OTLP_ENDPOINT", &url));
    settings.push(("OTEL_METRIC_EXPORT_INTERVAL", "200"));
    let root = ScriptRoot::new();
    let app = Runtime::alone(&root, &settings).await;
    let app = app.with_header("traceparent", &format!("00-{TRACE}-{CALLER}-01"));
    let request = fixture("individual-never-reprovision");
    for _ in 0..2 {
        let answer = app.allocate(&request).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    collector
        .until("both spans", |it| it.spans(ALLOCATE).len() == 2)
        .await;

    let requests = collector.spans(ALLOCATE);
    let rows = collector.spans("read_device");
    assert_eq!(
        rows.len(),
        1,
        "the second time the row is at hand: {rows:?}"
    );
    let row = &rows[0];
    assert_eq!((row.kind, row.status), (3, 0), "{row:?}");
    assert_eq!(
        (&row.trace, &row.parent),
        (&requests[0].trace, &requests[0].id)
    );
    assert_eq!(row.get("db.system.name"), "azure.table");
    assert_eq!(row.get("db.operation.name"), "read_device");

    let look = &collector.spans("refresh policy")[0];
    for call in ["fingerprint", "read_tables"] {
        let calls = collector.spans(call);
        let call = calls.iter().find(|it| it.parent == look.id);
        assert!(call.is_some_and(|it| it.trace == look.trace), "{calls:?}");
    }
    collector
        .until("the metrics", |it| it.metric("dps.device_rows").len() == 2)
        .await;
    let mut rows = collector.metric("dps.device_rows");
    rows.sort();
    let rows = rows.iter().map(|it| (&*it["dps.cache"], &*it["value"]));
    assert_eq!(rows.collect::<Vec<_>>(), [("hit", "1"), ("miss", "1")]);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_error_of_its_span_alone() {
    let account = Account::new();
    account.operate(&["push", "--yes", "--devices", "infra/policy"]);
    let collector = Collector::start(Mood::Takes).await;
    let url = collector.url();
    let mut settings = account.settings().to_vec();
    settings.push(("OTEL_EXPORTER_OTLP_ENDPOINT", &url));
    let root = ScriptRoot::new();
    let app = Runtime::alone(&root, &settings).await;
    app.until("a policy", || async {
        app.get("health").await.status == 200
    })
    .await;
    account.proxy.set(azurite::Fault::Refuse);
    // The row is optional: the device is decided about without it.
    let answer = app.allocate(&fixture("individual-never-reprovision")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    collector
        .until("the span", |it| !it.spans(ALLOCATE).is_empty())
        .await;
    let row = &collector.spans("read_device")[0];
    assert_eq!(
        (row.status, row.get("error.type")),
        (2, "access"),
        "{row:?}"
    );
    assert_eq!(collector.spans(ALLOCATE)[0].status, 0);
}
