//! What the webhook holds.

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use std::{io, thread};

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanProcessor as _};

use crate::allocation::Allocation;
use crate::export::Exporters;
use crate::look::Look;
use crate::metrics::{Metrics, PolicyState};
use crate::sampler::Sampler;
use crate::settings::Settings;

/// Spans and metrics on their way out; a clone shares the queues. The default exports nothing.
#[derive(Clone, Debug, Default)]
pub struct Telemetry(Option<Arc<Inner>>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) sampler: Sampler,
    pub(crate) metrics: Metrics,
    /// One for each place that spans go to, so that none waits for another.
    spans: Vec<BatchSpanProcessor>,
    meters: SdkMeterProvider,
}

impl Telemetry {
    /// Starts what the settings ask for, on threads of their own; nothing is sent yet.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(settings: &Settings) -> io::Result<Self> {
        let Some(exporters) = Exporters::new(settings)? else {
            return Ok(Self(None));
        };
        let metrics = Metrics::new(&exporters.meters.meter(env!("CARGO_PKG_NAME")));
        Ok(Self(Some(Arc::new(Inner {
            sampler: settings.sampler,
            metrics,
            spans: exporters.spans,
            meters: exporters.meters,
        }))))
    }

    /// A request to allocate begins; `traceparent` is the header of that name.
    #[must_use]
    pub fn allocation(&self, traceparent: Option<&str>) -> Allocation<'_> {
        Allocation::begin(self.0.as_deref(), traceparent)
    }

    /// A look at the config tables begins; `remote`: they are in another service.
    #[must_use]
    pub fn look(&self, remote: bool) -> Look {
        Look::begin(self.0.as_ref(), remote)
    }

    /// Asks for the policy in use whenever metrics are collected.
    pub fn watch_policy(&self, state: impl Fn() -> Option<PolicyState> + Send + Sync + 'static) {
        if let Some(inner) = &self.0 {
            inner.metrics.watch_policy(state);
        }
    }

    /// Sends what there is, and waits for that at most `limit`.
    pub fn flush(&self, limit: Duration) {
        let Some(inner) = &self.0 else {
            return;
        };
        let end = Instant::now() + limit;
        let (done, all_done) = mpsc::channel::<()>();
        for number in 0..=inner.spans.len() {
            let (inner, done) = (Arc::clone(inner), done.clone());
            let flush = move || {
                // What failed is in the log, and nothing is left to do about it.
                let _failed = match inner.spans.get(number) {
                    Some(spans) => spans.force_flush(),
                    None => inner.meters.force_flush(),
                };
                drop(done);
            };
            // Without a thread what is left is lost, as when the process is killed.
            let _started = thread::Builder::new().name("flush".to_owned()).spawn(flush);
        }
        drop(done);
        // Ends with the last sender.
        let _ended = all_done.recv_timeout(end.saturating_duration_since(Instant::now()));
    }
}

impl Inner {
    /// Puts a span into the queues; a full one drops it.
    pub(crate) fn export(&self, span: SpanData) {
        let Some((last, others)) = self.spans.split_last() else {
            return;
        };
        for processor in others {
            processor.on_end(span.clone());
        }
        last.on_end(span);
    }
}
