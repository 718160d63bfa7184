//! The exporters of OTLP and of Application Insights.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use dps_settings::is_this_machine;
use opentelemetry_application_insights::Exporter as ApplicationInsights;
use opentelemetry_otlp::{
    MetricExporter, Protocol as Encoding, SpanExporter, WithExportConfig, WithHttpConfig,
};
use tokio::runtime::Handle;

use super::delivery::Deliveries;
use super::transport::{Client, Transport};
use crate::settings::{ConnectionString, Otlp, Protocol};

/// For a request to Application Insights; OTLP has a setting for it, with the same default.
const APPLICATION_INSIGHTS_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) fn otlp_spans(
    otlp: &Otlp,
    deliveries: &Arc<Deliveries>,
    network: &Handle,
) -> io::Result<SpanExporter> {
    let exporter = SpanExporter::builder().with_http();
    let exporter = configured(exporter, otlp, deliveries, network).build();
    exporter.map_err(io::Error::other)
}

pub(crate) fn otlp_metrics(
    otlp: &Otlp,
    deliveries: &Arc<Deliveries>,
    network: &Handle,
) -> io::Result<MetricExporter> {
    let exporter = MetricExporter::builder().with_http();
    let exporter = configured(exporter, otlp, deliveries, network).build();
    exporter.map_err(io::Error::other)
}

fn configured<B: WithExportConfig + WithHttpConfig>(
    exporter: B,
    otlp: &Otlp,
    deliveries: &Arc<Deliveries>,
    network: &Handle,
) -> B {
    let is_local = otlp.endpoint.host_str().is_some_and(is_this_machine);
    let client = Client::new(otlp.protocol, is_local, otlp.timeout);
    exporter
        .with_http_client(Transport::new(deliveries, client, network))
        // Of the message; the transport may carry it by gRPC.
        .with_protocol(Encoding::HttpBinary)
        .with_endpoint(otlp.endpoint.as_str())
        .with_headers(otlp.headers.clone())
        .with_timeout(otlp.timeout)
}

pub(crate) fn application_insights(
    connection: &ConnectionString,
    deliveries: &Arc<Deliveries>,
    network: &Handle,
) -> io::Result<ApplicationInsights<Transport>> {
    let (protocol, is_local) = (Protocol::HttpProtobuf, connection.local.is_some());
    let client = Client::new(protocol, is_local, APPLICATION_INSIGHTS_TIMEOUT);
    let transport = Transport::new(deliveries, client, network);
    let text = connection.text.clone();
    let exporter = ApplicationInsights::new_from_connection_string(text, transport);
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
