//! The metrics of the process.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};
use opentelemetry_sdk::metrics::{Instrument, Stream};

use crate::fields::{self, metrics};
use crate::words::{ALLOCATE, Guarded, Operation, Outcome, word};

/// What the process counts and measures.
#[derive(Debug)]
pub(crate) struct Instruments {
    meters: Vec<Meter>,
    decisions: Counters,
    durations: Vec<Histogram<f64>>,
    policy_rejected: Counters,
    unauthorized: Counters,
    shadow_decisions: Counters,
    store_calls: Counters,
    device_rows: Counters,
    pub(crate) spans_dropped: Counters,
}

/// The same counter at each destination; a clone counts with it.
#[derive(Clone, Debug)]
pub(crate) struct Counters(Vec<Counter<u64>>);

impl Counters {
    pub(crate) fn add(&self, count: u64, attributes: &[KeyValue]) {
        for counter in &self.0 {
            counter.add(count, attributes);
        }
    }
}

/// The policy in use, at the time of asking.
#[derive(Clone, Debug)]
pub struct PolicyState {
    /// Its revision.
    pub revision: String,
    /// Time since the store was last seen to hold it.
    pub age: Duration,
}

/// Combinations of outcome, reason, tenant and hub with a series of their own: what a small backend
/// can store for each of several instances. The SDK counts all others in one series.
const MAX_DECISIONS: usize = 1000;

/// The same for each other metric. All have attributes with few values; the SDK allocates a table
/// of this size for each.
const MAX_OTHERS: usize = 100;

/// Bounds in seconds: most answers take less than a millisecond, and the deadline is 2 s. The
/// conventions' own bounds begin at 5 ms.
const DURATION_BOUNDS: [f64; 14] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 1.0,
    2.0,
];

/// The view that limits how many series a metric has.
pub(crate) fn limit_series(instrument: &Instrument) -> Option<Stream> {
    let limit = match instrument.name() {
        metrics::DECISIONS => MAX_DECISIONS,
        _ => MAX_OTHERS,
    };
    Stream::builder().with_cardinality_limit(limit).build().ok()
}

impl Instruments {
    pub(crate) fn new(meters: Vec<Meter>) -> Self {
        meters.iter().for_each(observe_memory);
        let durations = meters.iter().map(|meter| {
            meter
                .f64_histogram(metrics::HTTP_SERVER_REQUEST_DURATION)
                .with_unit("s")
                .with_boundaries(DURATION_BOUNDS.to_vec())
                .build()
        });
        let counter = |name| {
            let each = meters.iter().map(|meter| meter.u64_counter(name).build());
            Counters(each.collect())
        };
        Self {
            decisions: counter(metrics::DECISIONS),
            durations: durations.collect(),
            policy_rejected: counter(metrics::POLICY_REJECTED),
            unauthorized: counter(metrics::UNAUTHORIZED),
            shadow_decisions: counter(metrics::SHADOW_DECISIONS),
            store_calls: counter(metrics::STORE_CALLS),
            device_rows: counter(metrics::DEVICE_ROWS),
            spans_dropped: counter(metrics::SPANS_DROPPED),
            meters,
        }
    }

    /// Asks for the policy in use whenever metrics are collected.
    pub(crate) fn watch_policy(
        &self,
        state: impl Fn() -> Option<PolicyState> + Send + Sync + 'static,
    ) {
        let state = Arc::new(state);
        for meter in &self.meters {
            let (in_use, state) = (Arc::clone(&state), Arc::clone(&state));
            let age = meter.f64_observable_gauge(metrics::POLICY_AGE);
            age.with_unit("s")
                .with_callback(move |gauge| {
                    if let Some(policy) = in_use() {
                        gauge.observe(policy.age.as_secs_f64(), &[]);
                    }
                })
                .build();
            let info = meter.u64_observable_gauge(metrics::POLICY_INFO);
            info.with_callback(move |gauge| {
                if let Some(policy) = state() {
                    let revision = KeyValue::new(fields::POLICY_REVISION, policy.revision);
                    gauge.observe(1, &[revision]);
                }
            })
            .build();
        }
    }

    /// Counts a decision, by the names in lower case.
    pub(crate) fn decided(
        &self,
        outcome: Outcome,
        reason: &'static str,
        (tenant, hub): (Option<&str>, Option<&str>),
    ) {
        let mut attributes = vec![
            KeyValue::new(fields::OUTCOME, word(outcome)),
            KeyValue::new(fields::REASON, reason),
        ];
        for (name, text) in [(fields::TENANT, tenant), (fields::HUB, hub)] {
            attributes.extend(text.map(|text| KeyValue::new(name, text.to_ascii_lowercase())));
        }
        self.decisions.add(1, &attributes);
    }

    pub(crate) fn answered(&self, status: u16, outcome: Outcome, after: Duration) {
        let attributes = [
            KeyValue::new(fields::HTTP_REQUEST_METHOD, "POST"),
            KeyValue::new(fields::HTTP_ROUTE, ALLOCATE),
            KeyValue::new(fields::HTTP_RESPONSE_STATUS_CODE, i64::from(status)),
            KeyValue::new(fields::URL_SCHEME, "http"),
            KeyValue::new(fields::OUTCOME, word(outcome)),
        ];
        for durations in &self.durations {
            durations.record(after.as_secs_f64(), &attributes);
        }
    }

    pub(crate) fn policy_rejected(&self) {
        self.policy_rejected.add(1, &[]);
    }

    pub(crate) fn shadow(&self, difference: &'static str) {
        let difference = KeyValue::new(fields::DIFFERENCE, difference);
        self.shadow_decisions.add(1, &[difference]);
    }

    pub(crate) fn unauthorized(&self, route: Guarded) {
        let route = KeyValue::new(fields::HTTP_ROUTE, word(route));
        self.unauthorized.add(1, &[route]);
    }

    pub(crate) fn store_called(&self, operation: Operation, error: Option<&'static str>) {
        let mut attributes = vec![KeyValue::new(fields::DB_OPERATION_NAME, word(operation))];
        attributes.extend(error.map(|error| KeyValue::new(fields::ERROR_TYPE, error)));
        self.store_calls.add(1, &attributes);
    }

    pub(crate) fn device_row(&self, is_cached: bool) {
        let found = if is_cached { "hit" } else { "miss" };
        let found = KeyValue::new(fields::CACHE, found);
        self.device_rows.add(1, &[found]);
    }
}

fn observe_memory(meter: &Meter) {
    let gauge = meter.u64_observable_gauge(metrics::PROCESS_MEMORY_USAGE);
    gauge
        .with_unit("By")
        .with_callback(|gauge| {
            if let Some(bytes) = resident_memory() {
                gauge.observe(bytes, &[]);
            }
        })
        .build();
}

/// In bytes; `VmRSS` of proc(5).
fn resident_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    kibibytes.checked_mul(1024)
}
