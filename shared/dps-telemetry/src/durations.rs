//! How long requests take.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{BoundHistogram, Histogram, Meter};

use crate::allocation::{Outcome, ROUTE};
use crate::fields::{self, metrics};

/// A histogram by status and outcome, each of whose series is looked up once: to find one by its
/// five attributes takes longer than to decide.
#[derive(Debug)]
pub(crate) struct Durations {
    histogram: Histogram<f64>,
    /// The program answers some ten statuses.
    series: Mutex<Vec<Series>>,
}

#[derive(Debug)]
struct Series {
    status: u16,
    outcome: Outcome,
    histogram: BoundHistogram<f64>,
}

/// Bounds in seconds: most answers take less than a millisecond, and the deadline is 2 s. The
/// conventions' own bounds begin at 5 ms.
const DURATION_BOUNDS: [f64; 14] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 1.0,
    2.0,
];

impl Durations {
    pub(crate) fn new(meter: &Meter) -> Self {
        let histogram = meter
            .f64_histogram(metrics::REQUEST_DURATION)
            .with_unit("s")
            .with_boundaries(DURATION_BOUNDS.to_vec());
        Self {
            histogram: histogram.build(),
            series: Mutex::default(),
        }
    }

    pub(crate) fn record(&self, status: u16, outcome: Outcome, after: Duration) {
        let mut all = self.series.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all
            .iter()
            .find(|it| it.status == status && it.outcome == outcome);
        if let Some(series) = known {
            return series.histogram.record(after.as_secs_f64());
        }
        let histogram = self.histogram.bind(&[
            KeyValue::new(fields::HTTP_REQUEST_METHOD, "POST"),
            KeyValue::new(fields::HTTP_ROUTE, ROUTE),
            KeyValue::new(fields::HTTP_RESPONSE_STATUS_CODE, i64::from(status)),
            KeyValue::new(fields::URL_SCHEME, "http"),
            KeyValue::new(fields::OUTCOME, outcome.as_str()),
        ]);
        histogram.record(after.as_secs_f64());
        all.push(Series {
            status,
            outcome,
            histogram,
        });
    }
}
