//! Which spans are exported, and how many may wait for that.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry::trace::Status;
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor,
};

use super::delivery::Deliveries;
use crate::fields;
use crate::instruments::Counters;
use crate::sampler::sampled;
use crate::words::Outcome;

/// Spans that wait, about 1.5 KiB each: at DPS's 17 registrations a second, two minutes of an outage.
const CAPACITY: usize = 2048;

/// Spans of devices that were assigned leave room for those of refusals and failures.
const CAPACITY_FOR_ASSIGNED: usize = 1536;

/// Spans in one request; the specification's default.
const BATCH: usize = 512;

/// Half a second: the Functions host may kill without a warning, and people wait for their trace.
const DELAY: Duration = Duration::from_millis(500);

/// Lets spans through that are sampled, or that were refused or failed; a clone shares the queue.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    next: Arc<BatchSpanProcessor>,
    /// Spans that were let through and are not exported yet.
    waiting: Arc<AtomicUsize>,
    dropped: Dropped,
}

/// Counts spans that are lost.
#[derive(Clone, Debug)]
struct Dropped {
    counters: Counters,
    deliveries: Arc<Deliveries>,
}

/// Counts spans that leave the queue.
#[derive(Debug)]
struct Counting<E> {
    next: E,
    waiting: Arc<AtomicUsize>,
    dropped: Dropped,
}

impl Selection {
    /// Sends them to one destination; `dropped` counts those that are lost.
    pub(crate) fn new(
        mut exporter: impl SpanExporter + 'static,
        resource: &Resource,
        dropped: &Counters,
        deliveries: &Arc<Deliveries>,
    ) -> Self {
        let dropped = Dropped {
            counters: dropped.clone(),
            deliveries: Arc::clone(deliveries),
        };
        exporter.set_resource(resource);
        let waiting = Arc::new(AtomicUsize::new(0));
        let exporter = Counting {
            next: exporter,
            waiting: Arc::clone(&waiting),
            dropped: dropped.clone(),
        };
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(CAPACITY)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(DELAY);
        let next = BatchSpanProcessor::builder(exporter).with_batch_config(config.build());
        Self {
            next: Arc::new(next.build()),
            waiting,
            dropped,
        }
    }
}

impl Dropped {
    fn add(&self, spans: usize) {
        self.counters.add(spans as u64, &[]);
        self.deliveries.note_dropped(spans);
    }
}

impl SpanProcessor for Selection {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.next.on_start(span, context);
    }

    fn on_end(&self, mut span: SpanData) {
        let is_urgent = is_urgent(&span);
        if !is_urgent && !span.span_context.is_sampled() {
            return;
        }
        let capacity = if is_urgent {
            CAPACITY
        } else {
            CAPACITY_FOR_ASSIGNED
        };
        let one_more = |count| (count < capacity).then_some(count + 1);
        let relaxed = Ordering::Relaxed;
        let admitted = self.waiting.fetch_update(relaxed, relaxed, one_more);
        if admitted.is_err() {
            self.dropped.add(1);
            return;
        }
        span.span_context = sampled(&span.span_context);
        self.next.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.next.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }
}

impl<E: SpanExporter> SpanExporter for Counting<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        let exported = self.next.export(batch).await;
        self.waiting.fetch_sub(count, Ordering::Relaxed);
        if exported.is_err() {
            self.dropped.add(count);
        }
        exported
    }
}

/// People search for refusals and failures: they are exported whatever the sampling says.
fn is_urgent(span: &SpanData) -> bool {
    let refused = Outcome::Refused.as_str();
    let is_refused =
        |it: &KeyValue| it.key.as_str() == fields::OUTCOME && it.value.as_str() == refused;
    matches!(span.status, Status::Error { .. }) || span.attributes.iter().any(is_refused)
}
