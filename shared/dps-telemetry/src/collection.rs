//! Metrics on their way to one destination.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, Temporality};
use tokio::time::timeout;

use crate::progress::Progress;

/// Metrics that are collected every so often, and when somebody asks.
///
/// Of its own instead of the SDK's periodic reader: that one cannot be flushed within a given time,
/// and sends again what has not changed.
#[derive(Debug)]
pub(crate) struct Collection {
    reader: Reader,
    /// How often something was counted or measured.
    news: Arc<AtomicU64>,
    progress: Progress,
}

/// The meters and the collection share it.
#[derive(Clone, Debug)]
pub(crate) struct Reader(Arc<ManualReader>);

impl Collection {
    /// A collection for this exporter, and the reader that the meters need.
    pub(crate) fn new(exporter: &impl PushMetricExporter, news: &Arc<AtomicU64>) -> Self {
        let reader = ManualReader::builder().with_temporality(exporter.temporality());
        Self {
            reader: Reader(Arc::new(reader.build())),
            news: Arc::clone(news),
            progress: Progress::default(),
        }
    }

    pub(crate) fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// Whom to ask for all news so far, and their number.
    pub(crate) fn goal(&self) -> (&Progress, u64) {
        (&self.progress, self.news.load(Ordering::Relaxed))
    }

    /// Sends whatever is new after each interval; an export with its retries takes at most `limit`.
    pub(crate) async fn run(
        self: Arc<Self>,
        exporter: impl PushMetricExporter,
        interval: Duration,
        limit: Duration,
    ) {
        let mut last_sent = 0;
        loop {
            let _sooner = timeout(interval, self.wanted()).await;
            let news = self.news.load(Ordering::Acquire);
            if news == last_sent {
                continue;
            }
            let mut collected = ResourceMetrics::default();
            let sent = match self.reader.collect(&mut collected) {
                Ok(()) => timeout(limit, exporter.export(&collected)).await,
                Err(error) => Ok(Err(error)),
            };
            let sent = matches!(sent, Ok(Ok(())));
            if sent {
                last_sent = news;
            }
            self.progress.reached(news, sent);
        }
    }

    async fn wanted(&self) {
        while !self.progress.is_wanted() {
            self.progress.changed().await;
        }
    }
}

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}
