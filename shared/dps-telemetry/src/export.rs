//! The queues, and what empties them.

use std::io;
use std::time::Duration;

use opentelemetry_application_insights::Exporter as ApplicationInsights;
use opentelemetry_otlp::{
    ExporterBuildError, MetricExporter, Protocol, SpanExporter, WithExportConfig as _,
    WithHttpConfig as _,
};
use opentelemetry_sdk::metrics::{MeterProviderBuilder, PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SpanExporter as ExportSpans, SpanProcessor as _,
};
use opentelemetry_sdk::{Resource, metrics::exporter::PushMetricExporter};

use crate::resource::resource;
use crate::sender::{Network, Sender};
use crate::settings::{ConnectionString, Otlp, Settings};

/// Everything that exports.
pub(crate) struct Exporters {
    pub(crate) spans: Vec<BatchSpanProcessor>,
    pub(crate) meters: SdkMeterProvider,
}

/// Spans that wait; the next one is dropped. At DPS's 17 registrations a second two minutes of an
/// outage; below 4 MB.
const QUEUE: usize = 2048;

/// Spans in one request; the specification's default.
const BATCH: usize = 512;

/// Half a second: the Functions host may kill without a warning, and people wait for their trace.
const FLUSH_EVERY: Duration = Duration::from_millis(500);

/// What Application Insights is given; OTLP has a setting for it, with the same default.
const APPLICATION_INSIGHTS_LIMIT: Duration = Duration::from_secs(10);

impl Exporters {
    /// None: nothing is to be exported.
    pub(crate) fn new(settings: &Settings) -> io::Result<Option<Self>> {
        let Settings {
            traces,
            metrics,
            application_insights,
            ..
        } = settings;
        if traces.is_none() && metrics.is_none() && application_insights.is_none() {
            return Ok(None);
        }
        let network = Network::start()?;
        let resource = resource(settings);
        let mut spans = Vec::new();
        let mut meters = SdkMeterProvider::builder().with_resource(resource.clone());
        if let Some(otlp) = traces {
            let exporter = span_exporter(otlp, &network).map_err(io::Error::other)?;
            spans.push(batched(exporter, &resource));
        }
        if let Some(otlp) = metrics {
            let exporter = metric_exporter(otlp, &network).map_err(io::Error::other)?;
            meters = read_by(meters, exporter, settings.metric_interval);
        }
        if let Some(connection) = application_insights {
            let exporter = || application_insights_exporter(connection, &network);
            spans.push(batched(exporter()?, &resource));
            meters = read_by(meters, exporter()?, settings.metric_interval);
        }
        Ok(Some(Self {
            spans,
            meters: meters.build(),
        }))
    }
}

fn span_exporter(otlp: &Otlp, network: &Network) -> Result<SpanExporter, ExporterBuildError> {
    SpanExporter::builder()
        .with_http()
        .with_http_client(Sender::new(
            "OTLP traces",
            otlp.protocol,
            otlp.timeout,
            network,
        ))
        // Of the message; whether gRPC carries it is the sender's business.
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(otlp.endpoint.as_str())
        .with_headers(otlp.headers.clone())
        .with_timeout(otlp.timeout)
        .build()
}

fn metric_exporter(otlp: &Otlp, network: &Network) -> Result<MetricExporter, ExporterBuildError> {
    MetricExporter::builder()
        .with_http()
        .with_http_client(Sender::new(
            "OTLP metrics",
            otlp.protocol,
            otlp.timeout,
            network,
        ))
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(otlp.endpoint.as_str())
        .with_headers(otlp.headers.clone())
        .with_timeout(otlp.timeout)
        .build()
}

fn application_insights_exporter(
    connection: &ConnectionString,
    network: &Network,
) -> io::Result<ApplicationInsights<Sender>> {
    let sender = Sender::new(
        "Application Insights",
        crate::settings::Protocol::HttpProtobuf,
        APPLICATION_INSIGHTS_LIMIT,
        network,
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

fn batched(exporter: impl ExportSpans + 'static, resource: &Resource) -> BatchSpanProcessor {
    let config = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE)
        .with_max_export_batch_size(BATCH)
        .with_scheduled_delay(FLUSH_EVERY)
        .build();
    let mut processor = BatchSpanProcessor::new(exporter, config);
    processor.set_resource(resource);
    processor
}

fn read_by(
    meters: MeterProviderBuilder,
    exporter: impl PushMetricExporter,
    interval: Duration,
) -> MeterProviderBuilder {
    let reader = PeriodicReader::builder(exporter).with_interval(interval);
    meters.with_reader(reader.build())
}
