//! The destinations, and what sends to them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use opentelemetry_application_insights::Exporter as ApplicationInsights;
use opentelemetry_otlp::{
    ExporterBuildError, MetricExporter, Protocol, SpanExporter, WithExportConfig as _,
    WithHttpConfig as _,
};
use opentelemetry_sdk::metrics::{MeterProviderBuilder, SdkMeterProvider};
use opentelemetry_sdk::trace::SpanExporter as ExportSpans;
use opentelemetry_sdk::{Resource, metrics::exporter::PushMetricExporter};

use crate::collection::Collection;
use crate::resource::resource;
use crate::sender::{Network, Sender};
use crate::settings::{ConnectionString, Otlp, Settings, is_on_this_machine};
use crate::spans::SpanQueue;

/// Everything that exports, each to one destination, so that none waits for another.
pub(crate) struct Exporters {
    pub(crate) spans: Vec<Arc<SpanQueue>>,
    pub(crate) collections: Vec<Arc<Collection>>,
    pub(crate) meters: SdkMeterProvider,
    pub(crate) network: Network,
}

/// What sends, while it is being put together.
struct Making<'s> {
    settings: &'s Settings,
    network: Network,
    resource: Resource,
    news: &'s Arc<AtomicU64>,
    spans: Vec<Arc<SpanQueue>>,
    collections: Vec<Arc<Collection>>,
    meters: MeterProviderBuilder,
}

/// What a request to Application Insights is given; OTLP has a setting for it, with the same default.
const APPLICATION_INSIGHTS_LIMIT: Duration = Duration::from_secs(10);

/// An export with its retries takes so many times what one request is given: what is waited for
/// longer fills the queue. Left alone, the exporter of Application Insights tries for minutes.
const EXPORT: u32 = 2;

impl Exporters {
    /// None: nothing is to be exported. `news` counts what there is to collect.
    pub(crate) fn new(settings: &Settings, news: &Arc<AtomicU64>) -> io::Result<Option<Self>> {
        let Settings {
            traces,
            metrics,
            application_insights,
            ..
        } = settings;
        if traces.is_none() && metrics.is_none() && application_insights.is_none() {
            return Ok(None);
        }
        let resource = resource(settings);
        let mut making = Making {
            settings,
            network: Network::start()?,
            meters: SdkMeterProvider::builder().with_resource(resource.clone()),
            resource,
            news,
            spans: Vec::new(),
            collections: Vec::new(),
        };
        if let Some(otlp) = traces {
            let exporter = span_exporter(otlp).map_err(io::Error::other)?;
            making.spans(exporter, otlp.timeout);
        }
        if let Some(otlp) = metrics {
            let exporter = metric_exporter(otlp).map_err(io::Error::other)?;
            making.metrics(exporter, otlp.timeout);
        }
        if let Some(connection) = application_insights {
            let exporter = || application_insights_exporter(connection);
            making.spans(exporter()?, APPLICATION_INSIGHTS_LIMIT);
            making.metrics(exporter()?, APPLICATION_INSIGHTS_LIMIT);
        }
        Ok(Some(Self {
            spans: making.spans,
            collections: making.collections,
            meters: making.meters.build(),
            network: making.network,
        }))
    }
}

impl Making<'_> {
    fn spans(&mut self, mut exporter: impl ExportSpans + 'static, limit: Duration) {
        exporter.set_resource(&self.resource);
        let queue = Arc::new(SpanQueue::default());
        let run = Arc::clone(&queue).run(exporter, limit * EXPORT);
        self.network.run(run);
        self.spans.push(queue);
    }

    fn metrics(&mut self, exporter: impl PushMetricExporter, limit: Duration) {
        let collection = Arc::new(Collection::new(&exporter, self.news));
        let meters = std::mem::take(&mut self.meters);
        self.meters = meters.with_reader(collection.reader());
        let interval = self.settings.metric_interval;
        let run = Arc::clone(&collection).run(exporter, interval, limit * EXPORT);
        self.network.run(run);
        self.collections.push(collection);
    }
}

fn span_exporter(otlp: &Otlp) -> Result<SpanExporter, ExporterBuildError> {
    SpanExporter::builder()
        .with_http()
        .with_http_client(otlp_sender("OTLP traces", otlp))
        // Of the message; whether gRPC carries it is the sender's business.
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(otlp.endpoint.as_str())
        .with_headers(otlp.headers.clone())
        .with_timeout(otlp.timeout)
        .build()
}

fn metric_exporter(otlp: &Otlp) -> Result<MetricExporter, ExporterBuildError> {
    MetricExporter::builder()
        .with_http()
        .with_http_client(otlp_sender("OTLP metrics", otlp))
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(otlp.endpoint.as_str())
        .with_headers(otlp.headers.clone())
        .with_timeout(otlp.timeout)
        .build()
}

fn otlp_sender(what: &'static str, otlp: &Otlp) -> Sender {
    let is_local = is_on_this_machine(&otlp.endpoint);
    Sender::new(what, otlp.protocol, is_local, otlp.timeout)
}

fn application_insights_exporter(
    connection: &ConnectionString,
) -> io::Result<ApplicationInsights<Sender>> {
    let sender = Sender::new(
        "Application Insights",
        crate::settings::Protocol::HttpProtobuf,
        connection.local.is_some(),
        APPLICATION_INSIGHTS_LIMIT,
    );
    let exporter = ApplicationInsights::new_from_connection_string(connection.text.clone(), sender);
    // The text of the error may hold a part of the connection string.
    let exporter = exporter.map_err(|_cause| io::Error::other("the connection string is wrong"))?;
    match &connection.local {
        None => Ok(exporter),
        Some(endpoint) =>
        {
            #[expect(deprecated, reason = "the only way to an endpoint without TLS")]
            exporter
                .with_endpoint(endpoint.as_str())
                .map_err(io::Error::other)
        }
    }
}
