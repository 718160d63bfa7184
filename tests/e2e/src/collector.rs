//! The end of telemetry's way: takes OTLP over HTTP and what Application Insights is sent.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use flate2::read::GzDecoder;
use memchr::memmem;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span as OtlpSpan;
use prost::Message as _;
use serde_json::Value as Json;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use crate::secrets;

/// How long telemetry may take; far more than it needs on a loaded machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A collector on a free port of 127.0.0.1; ended on drop, and searched for secrets.
#[derive(Debug)]
pub struct Collector {
    port: u16,
    received: Arc<Mutex<Received>>,
    server: AbortHandle,
}

/// What a collector does with a request.
#[derive(Clone, Copy, Debug)]
pub enum Mood {
    /// Takes it at once.
    Takes,
    /// Takes it after this time.
    Slow(Duration),
    /// Never answers.
    Hangs,
    /// Answers 503.
    Refuses,
}

/// Everything so far.
#[derive(Debug, Default)]
struct Received {
    requests: usize,
    /// As it came by OTLP, uncompressed.
    bytes: Vec<u8>,
    /// As it came for Application Insights, each part of which must name the key.
    tracked: Vec<u8>,
    spans: Vec<Span>,
    metrics: BTreeMap<String, Vec<BTreeMap<String, String>>>,
    envelopes: Vec<Json>,
}

/// A span, as text.
#[derive(Clone, Debug)]
pub struct Span {
    /// Its name.
    pub name: String,
    /// Ids in hex digits; empty: none.
    pub trace: String,
    /// Its own id.
    pub id: String,
    /// The id of the span around it.
    pub parent: String,
    /// 1 internal, 2 server, 3 client.
    pub kind: i32,
    /// 0 unset, 1 ok, 2 error.
    pub status: i32,
    /// Values as text.
    pub attributes: BTreeMap<String, String>,
}

type Shared = (Mood, Arc<Mutex<Received>>);

impl Collector {
    /// Starts one.
    pub async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let received = Arc::default();
        let router = Router::new()
            .route("/v1/traces", post(traces))
            .route("/v1/metrics", post(metrics))
            .route("/v2/track", post(track))
            .with_state((mood, Arc::clone(&received)));
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            port,
            received,
            server: server.abort_handle(),
        }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many requests have come.
    #[must_use]
    pub fn requests(&self) -> usize {
        lock(&self.received).requests
    }

    /// The spans of that name.
    #[must_use]
    pub fn spans(&self, name: &str) -> Vec<Span> {
        let received = lock(&self.received);
        let spans = received.spans.iter().filter(|span| span.name == name);
        spans.cloned().collect()
    }

    /// The attributes of each point of a metric.
    #[must_use]
    pub fn metric(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        lock(&self.received)
            .metrics
            .get(name)
            .cloned()
            .unwrap_or_default()
    }

    /// What Application Insights would have been sent.
    #[must_use]
    pub fn envelopes(&self) -> Vec<Json> {
        lock(&self.received).envelopes.clone()
    }

    /// Whether this came anywhere.
    #[must_use]
    pub fn has_seen(&self, text: &str) -> bool {
        let received = lock(&self.received);
        [&received.bytes, &received.tracked]
            .iter()
            .any(|bytes| memmem::find(bytes, text.as_bytes()).is_some())
    }

    /// Waits until something holds of it.
    pub async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let limit = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(
                Instant::now() < limit,
                "waited in vain for {what}: {self:?}"
            );
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.server.abort();
        let received = lock(&self.received);
        secrets::search("OTLP", &received.bytes, None);
        let key = received.envelopes.first();
        let key = key.and_then(|envelope| envelope["iKey"].as_str());
        secrets::search("Application Insights", &received.tracked, key);
    }
}

async fn traces(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = plain(&headers, body);
    let status = take(&shared, &body).await;
    let request = ExportTraceServiceRequest::decode(body).expect("a message of OTLP");
    let scopes = request
        .resource_spans
        .into_iter()
        .flat_map(|it| it.scope_spans);
    let spans = scopes.flat_map(|it| it.spans).map(Span::read);
    lock(&shared.1).spans.extend(spans);
    status
}

async fn metrics(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = plain(&headers, body);
    let status = take(&shared, &body).await;
    let request = ExportMetricsServiceRequest::decode(body).expect("a message of OTLP");
    let scopes = request
        .resource_metrics
        .into_iter()
        .flat_map(|it| it.scope_metrics);
    for metric in scopes.flat_map(|it| it.metrics) {
        let points = points(metric.data);
        lock(&shared.1).metrics.insert(metric.name, points);
    }
    status
}

async fn track(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let body = plain(&headers, body);
    let envelopes: Vec<Json> = serde_json::from_slice(&body).expect("a JSON array");
    {
        let mut received = lock(&shared.1);
        received.tracked.extend_from_slice(&body);
        received.envelopes.extend(envelopes);
    }
    take(&shared, &[]).await
}

fn plain(headers: &HeaderMap, body: Bytes) -> Bytes {
    if !headers.contains_key("content-encoding") {
        return body;
    }
    let mut plain = Vec::new();
    GzDecoder::new(&*body)
        .read_to_end(&mut plain)
        .expect("gzip");
    plain.into()
}

async fn take((mood, received): &Shared, bytes: &[u8]) -> StatusCode {
    {
        let mut received = lock(received);
        received.requests += 1;
        received.bytes.extend_from_slice(bytes);
    }
    match mood {
        Mood::Takes => StatusCode::OK,
        Mood::Slow(time) => {
            sleep(*time).await;
            StatusCode::OK
        }
        Mood::Hangs => std::future::pending().await,
        Mood::Refuses => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn points(
    data: Option<opentelemetry_proto::tonic::metrics::v1::metric::Data>,
) -> Vec<BTreeMap<String, String>> {
    use opentelemetry_proto::tonic::metrics::v1::{metric::Data, number_data_point::Value};
    let number = |value: Option<Value>| match value {
        Some(Value::AsDouble(value)) => value.to_string(),
        Some(Value::AsInt(value)) => value.to_string(),
        None => String::new(),
    };
    let with = |list: Vec<KeyValue>, value: String| {
        let mut point = attributes(list);
        point.insert("value".to_owned(), value);
        point
    };
    let numbers = match data {
        Some(Data::Gauge(gauge)) => gauge.data_points,
        Some(Data::Sum(sum)) => sum.data_points,
        Some(Data::Histogram(histogram)) => {
            let points = histogram.data_points.into_iter();
            return points
                .map(|it| with(it.attributes, it.count.to_string()))
                .collect();
        }
        _ => Vec::new(),
    };
    numbers
        .into_iter()
        .map(|it| with(it.attributes, number(it.value)))
        .collect()
}

impl Span {
    fn read(span: OtlpSpan) -> Self {
        let hex = |bytes: &[u8]| {
            let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
            let digits = digits.map(|digit| char::from_digit(digit.into(), 16));
            digits.flatten().collect()
        };
        Self {
            name: span.name,
            trace: hex(&span.trace_id),
            id: hex(&span.span_id),
            parent: hex(&span.parent_span_id),
            kind: span.kind,
            status: span.status.map_or(0, |status| status.code),
            attributes: attributes(span.attributes),
        }
    }

    /// The value of an attribute; empty: there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", |value| value)
    }
}

fn attributes(list: Vec<KeyValue>) -> BTreeMap<String, String> {
    let text = |value| match value {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    let pairs = list.into_iter();
    pairs
        .map(|it| (it.key, text(it.value.and_then(|it| it.value))))
        .collect()
}

fn lock(received: &Mutex<Received>) -> MutexGuard<'_, Received> {
    received.lock().unwrap_or_else(PoisonError::into_inner)
}
