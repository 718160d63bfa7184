//! What the webhook holds.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SpanData;

use crate::allocation::Allocation;
use crate::collection::Collection;
use crate::export::Exporters;
use crate::look::Look;
use crate::metrics::{Guarded, Metrics, PolicyState};
use crate::pace::Pace;
use crate::sampler::Sampler;
use crate::sender::Network;
use crate::settings::Settings;
use crate::spans::SpanQueue;

/// Spans and metrics on their way out; a clone shares the queues. The default exports nothing.
#[derive(Clone, Debug, Default)]
pub struct Telemetry(Option<Arc<Inner>>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) sampler: Sampler,
    pub(crate) metrics: Metrics,
    pace: Pace,
    /// One for each destination.
    spans: Vec<Arc<SpanQueue>>,
    collections: Vec<Arc<Collection>>,
    /// Collected as long as these are there.
    _meters: SdkMeterProvider,
    _network: Network,
}

impl Telemetry {
    /// Starts what the settings ask for, on a thread of its own; nothing is sent yet.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(settings: &Settings) -> io::Result<Self> {
        let news = Arc::new(AtomicU64::new(0));
        let Some(exporters) = Exporters::new(settings, &news)? else {
            return Ok(Self(None));
        };
        let meter = exporters.meters.meter(env!("CARGO_PKG_NAME"));
        Ok(Self(Some(Arc::new(Inner {
            sampler: settings.sampler,
            metrics: Metrics::new(&meter, news),
            pace: Pace::default(),
            spans: exporters.spans,
            collections: exporters.collections,
            _meters: exporters.meters,
            _network: exporters.network,
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

    /// A caller was answered with 401, since it has no key.
    pub fn unauthorized(&self, route: Guarded) {
        if let Some(inner) = &self.0 {
            inner.metrics.unauthorized(route);
        }
    }

    /// Asks for the policy in use whenever metrics are collected.
    pub fn watch_policy(&self, state: impl Fn() -> Option<PolicyState> + Send + Sync + 'static) {
        if let Some(inner) = &self.0 {
            inner.metrics.watch_policy(state);
        }
    }

    /// Sends what has not been sent, and blocks the caller's thread until then, at most `limit` in all.
    ///
    /// Costs next to nothing where there is nothing new, so it may be called after each request. A
    /// collector that does not take what it is sent is waited for ever more briefly.
    pub fn flush(&self, limit: Duration) {
        let Some(inner) = &self.0 else {
            return;
        };
        let end = Instant::now() + limit;
        let spans = inner.spans.iter().map(|queue| queue.goal());
        let metrics = inner.collections.iter().map(|collection| collection.goal());
        let goals: Vec<_> = spans.chain(metrics).collect();
        for (destination, all) in &goals {
            destination.want(*all);
        }
        for (destination, all) in goals {
            destination.wait(all, end);
        }
    }
}

impl Inner {
    /// Whether the span of a device that was assigned can be exported; asked before it is made.
    pub(crate) fn admits(&self, now: Instant) -> bool {
        let has_room = self.spans.iter().any(|queue| queue.has_room());
        let admitted = has_room && self.pace.admits(now);
        if !admitted && !self.spans.is_empty() {
            self.metrics.span_dropped();
        }
        admitted
    }

    /// Puts a span into the queues.
    pub(crate) fn export(&self, span: SpanData) {
        let Some((last, others)) = self.spans.split_last() else {
            return;
        };
        for queue in others {
            self.count(queue.push(span.clone()));
        }
        self.count(last.push(span));
    }

    fn count(&self, taken: bool) {
        if !taken {
            self.metrics.span_dropped();
        }
    }
}
