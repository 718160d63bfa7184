//! Metrics that are exported when something was counted or measured.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, HistogramDataPoint, MetricData, ResourceMetrics, ScopeMetrics, SumDataPoint,
};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, Temporality};

/// Collects at each interval and each flush.
pub(crate) fn reader<E: PushMetricExporter>(
    exporter: E,
    interval: Duration,
) -> PeriodicReader<impl PushMetricExporter> {
    let exporter = Changes {
        next: exporter,
        exported: AtomicU64::new(0),
    };
    let reader = PeriodicReader::builder(exporter);
    reader.with_interval(interval).build()
}

/// Leaves out exports that would repeat the one before, which the SDK does not.
struct Changes<E> {
    next: E,
    /// The events of the last successful export.
    exported: AtomicU64,
}

impl<E: PushMetricExporter> PushMetricExporter for Changes<E> {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let events = events(metrics);
        let before = match self.temporality() {
            Temporality::Delta => 0,
            _ => self.exported.load(Ordering::Relaxed),
        };
        if events == before {
            return Ok(());
        }
        let exported = self.next.export(metrics).await;
        if exported.is_ok() {
            self.exported.store(events, Ordering::Relaxed);
        }
        exported
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.next.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }

    fn temporality(&self) -> Temporality {
        self.next.temporality()
    }
}

/// How many events the counters and histograms hold. Gauges always change, and make no export.
fn events(metrics: &ResourceMetrics) -> u64 {
    let metrics = metrics.scope_metrics().flat_map(ScopeMetrics::metrics);
    let events = metrics.map(|metric| match metric.data() {
        AggregatedMetrics::U64(MetricData::Sum(sum)) => {
            sum.data_points().map(SumDataPoint::value).sum()
        }
        AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
            histogram.data_points().map(HistogramDataPoint::count).sum()
        }
        _ => 0,
    });
    events.sum::<u64>()
}
