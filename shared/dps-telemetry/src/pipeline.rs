//! The way of spans and metrics to their destinations.

mod changes;
mod exporters;
mod flush;
mod grpc;
mod network;
mod resource;
mod selection;
mod transport;

use std::io;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry::InstrumentationScope;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use crate::instruments::{Instruments, limit_series};
use crate::settings::Settings;
use flush::Flushes;
use network::Network;
use selection::Selection;

/// What makes spans and metrics, and sends them.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) tracer: SdkTracer,
    pub(crate) instruments: Instruments,
    // As long as the process: a provider that is dropped waits for its exporters.
    tracers: ManuallyDrop<SdkTracerProvider>,
    meters: ManuallyDrop<SdkMeterProvider>,
    spans: Arc<Flushes>,
    metrics: Arc<Flushes>,
}

impl Pipeline {
    /// None: nothing is to be exported.
    pub(crate) fn start(settings: &Settings) -> io::Result<Option<Self>> {
        let Settings {
            traces,
            metrics,
            application_insights: insights,
            ..
        } = settings;
        if traces.is_none() && metrics.is_none() && insights.is_none() {
            return Ok(None);
        }
        let network = Arc::new(Network::start()?);
        let resource = resource::of(settings);

        let mut meters = SdkMeterProvider::builder()
            .with_resource(resource.clone())
            .with_view(limit_series);
        if let Some(otlp) = metrics {
            let exporter = exporters::otlp_metrics(otlp, &network)?;
            meters = meters.with_reader(changes::reader(exporter, settings.metric_interval));
        }
        if let Some(insights) = insights {
            let exporter = exporters::application_insights(insights, &network)?;
            meters = meters.with_reader(changes::reader(exporter, settings.metric_interval));
        }
        let meters = meters.build();
        let instruments = Instruments::new(meters.meter_with_scope(scope()));

        let dropped = &instruments.spans_dropped;
        let mut tracers = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_sampler(settings.sampler.recording_all());
        if let Some(otlp) = traces {
            let exporter = exporters::otlp_spans(otlp, &network)?;
            tracers = tracers.with_span_processor(Selection::new(exporter, dropped));
        }
        if let Some(insights) = insights {
            let exporter = exporters::application_insights(insights, &network)?;
            tracers = tracers.with_span_processor(Selection::new(exporter, dropped));
        }
        let tracers = tracers.build();

        Ok(Some(Self {
            tracer: tracers.tracer_with_scope(scope()),
            instruments,
            tracers: ManuallyDrop::new(tracers),
            meters: ManuallyDrop::new(meters),
            spans: Arc::default(),
            metrics: Arc::default(),
        }))
    }

    /// Sends what there is; waits until it is sent, for at most `limit`.
    pub(crate) fn flush(&self, limit: Duration) {
        let begin = Instant::now();
        let tracers = SdkTracerProvider::clone(&self.tracers);
        let meters = SdkMeterProvider::clone(&self.meters);
        let spans = self.spans.begin(move || tracers.force_flush().is_ok());
        let metrics = self.metrics.begin(move || meters.force_flush().is_ok());
        self.spans.wait(&spans, limit);
        let left = limit.saturating_sub(begin.elapsed());
        self.metrics.wait(&metrics, left);
    }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .build()
}
