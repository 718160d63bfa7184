//! Sends spans and metrics to their destinations.

mod changes;
mod delivery;
mod exporters;
mod flush;
mod grpc;
mod network;
mod resource;
mod selection;
mod transport;

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use opentelemetry::InstrumentationScope;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::trace::{
    SdkTracer, SdkTracerProvider, SpanProcessor as _, TracerProviderBuilder,
};

use crate::instruments::{Instruments, limit_series};
use crate::settings::Settings;
use delivery::Deliveries;
pub use delivery::{Delivery, Outage, Problem};
use flush::Flush;
use selection::Selection;

/// What makes spans and metrics, and sends them.
pub(crate) struct Pipeline {
    pub(crate) tracer: SdkTracer,
    pub(crate) instruments: Instruments,
    /// As long as the process: a provider that is dropped waits for its exporters.
    _providers: ManuallyDrop<(SdkTracerProvider, Vec<SdkMeterProvider>)>,
    flushes: Vec<Flush>,
    /// Of each destination.
    deliveries: Vec<Arc<Deliveries>>,
}

impl Pipeline {
    /// None: nothing is to be exported.
    pub(crate) fn start(settings: &Settings) -> io::Result<Option<Self>> {
        let Settings {
            traces,
            metrics,
            application_insights: insights,
            metric_interval: interval,
            ..
        } = settings;
        if traces.is_none() && metrics.is_none() && insights.is_none() {
            return Ok(None);
        }
        let network = network::start()?;
        let resource = resource::of(settings);
        let mut flushes = Vec::new();
        let mut deliveries = Vec::new();
        let mut destination = |name| {
            let noted = Arc::new(Deliveries::new(name));
            deliveries.push(Arc::clone(&noted));
            noted
        };

        let mut meters = Vec::new();
        if let Some(otlp) = metrics {
            let noted = destination("OTLP metrics");
            let exporter = exporters::otlp_metrics(otlp, &noted, &network)?;
            meters.push(meter(exporter, *interval, &resource));
        }
        // Spans and metrics go to the same endpoint.
        let insights = insights
            .as_ref()
            .map(|it| (it, destination("Application Insights")));
        if let Some((insights, noted)) = &insights {
            let exporter = exporters::application_insights(insights, noted, &network)?;
            meters.push(meter(exporter, *interval, &resource));
        }
        let readers = meters.iter().cloned();
        flushes.extend(readers.map(|it| Flush::new(move || it.force_flush())));
        let each = meters.iter().map(|it| it.meter_with_scope(scope()));
        let instruments = Instruments::new(each.collect());

        let dropped = &instruments.spans_dropped;
        let mut tracers = SdkTracerProvider::builder().with_sampler(settings.sampler.clone());
        if let Some(otlp) = traces {
            let noted = destination("OTLP traces");
            let exporter = exporters::otlp_spans(otlp, &noted, &network)?;
            let selection = Selection::new(exporter, &resource, dropped, &noted);
            tracers = add_processor(tracers, selection, &mut flushes);
        }
        if let Some((insights, noted)) = &insights {
            let exporter = exporters::application_insights(insights, noted, &network)?;
            let selection = Selection::new(exporter, &resource, dropped, noted);
            tracers = add_processor(tracers, selection, &mut flushes);
        }
        let tracers = tracers.build();

        Ok(Some(Self {
            tracer: tracers.tracer_with_scope(scope()),
            instruments,
            _providers: ManuallyDrop::new((tracers, meters)),
            flushes,
            deliveries,
        }))
    }

    /// How the exports to each destination go.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries.iter().map(|it| it.now()).collect()
    }

    /// Sends everything; waits until it is sent, for at most `limit`.
    pub(crate) fn flush(&self, limit: Duration) {
        flush::all(&self.flushes, limit);
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").finish_non_exhaustive()
    }
}

/// One of each destination: the SDK flushes the readers of a provider one after the other.
fn meter(
    exporter: impl PushMetricExporter,
    interval: Duration,
    resource: &Resource,
) -> SdkMeterProvider {
    SdkMeterProvider::builder()
        .with_resource(resource.clone())
        .with_view(limit_series)
        .with_reader(changes::reader(exporter, interval))
        .build()
}

fn add_processor(
    tracers: TracerProviderBuilder,
    selection: Selection,
    flushes: &mut Vec<Flush>,
) -> TracerProviderBuilder {
    let same = selection.clone();
    flushes.push(Flush::new(move || same.force_flush()));
    tracers.with_span_processor(selection)
}

fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .build()
}
