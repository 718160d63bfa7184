//! The metrics of the process.

use std::fmt;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Meter};

use crate::allocation::{Outcome, ROUTE};
use crate::decisions::Decisions;
use crate::durations::Durations;
use crate::fields::{self, metrics};
use crate::store_call::Operation;

/// What the process counts and measures; costs little where nobody collects.
#[derive(Debug)]
pub(crate) struct Metrics {
    pub(crate) decisions: Arc<Decisions>,
    durations: Durations,
    rejected: Counter<u64>,
    unauthorized: Counter<u64>,
    store_calls: Counter<u64>,
    device_rows: Counter<u64>,
    spans_dropped: Counter<u64>,
    policy: Arc<PolicySource>,
    /// Grows with whatever is counted or measured.
    news: Arc<AtomicU64>,
}

/// The policy in use, at the time of asking.
#[derive(Clone, Debug)]
pub struct PolicyState {
    /// Its revision.
    pub revision: String,
    /// Time since the store was last seen to hold it.
    pub age: Duration,
}

/// The routes that ask callers for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// What DPS asks.
    Allocate,
    /// The reasoning, for operators.
    Explain,
    /// The policy in use, for operators.
    Policy,
}

impl Guarded {
    fn as_str(self) -> &'static str {
        match self {
            Self::Allocate => ROUTE,
            Self::Explain => "/api/explain",
            Self::Policy => "/api/policy",
        }
    }
}

/// Asked when metrics are collected.
#[derive(Default)]
struct PolicySource(OnceLock<Box<dyn Fn() -> Option<PolicyState> + Send + Sync>>);

impl Metrics {
    pub(crate) fn new(meter: &Meter, news: Arc<AtomicU64>) -> Self {
        let decisions = Arc::new(Decisions::default());
        let policy = Arc::new(PolicySource::default());
        observe_decisions(meter, &decisions);
        observe_policy(meter, &policy);
        observe_memory(meter);
        Self {
            decisions,
            durations: Durations::new(meter),
            rejected: meter.u64_counter(metrics::POLICY_REJECTED).build(),
            unauthorized: meter.u64_counter(metrics::UNAUTHORIZED).build(),
            store_calls: meter.u64_counter(metrics::STORE_CALLS).build(),
            device_rows: meter.u64_counter(metrics::DEVICE_ROWS).build(),
            spans_dropped: meter.u64_counter(metrics::SPANS_DROPPED).build(),
            policy,
            news,
        }
    }

    pub(crate) fn watch_policy(
        &self,
        state: impl Fn() -> Option<PolicyState> + Send + Sync + 'static,
    ) {
        // There is one policy in a process.
        let _watched_already = self.policy.0.set(Box::new(state));
    }

    pub(crate) fn request(&self, status: u16, outcome: Outcome, after: Duration) {
        self.durations.record(status, outcome, after);
        self.note();
    }

    pub(crate) fn policy_rejected(&self) {
        self.rejected.add(1, &[]);
        self.note();
    }

    pub(crate) fn unauthorized(&self, route: Guarded) {
        self.unauthorized
            .add(1, &[KeyValue::new(fields::HTTP_ROUTE, route.as_str())]);
        self.note();
    }

    pub(crate) fn span_dropped(&self) {
        self.spans_dropped.add(1, &[]);
        self.note();
    }

    pub(crate) fn store_call(&self, operation: Operation, error: Option<&'static str>) {
        let operation = KeyValue::new(fields::DB_OPERATION_NAME, operation.as_str());
        match error.map(|error| KeyValue::new(fields::ERROR_TYPE, error)) {
            Some(error) => self.store_calls.add(1, &[operation, error]),
            None => self.store_calls.add(1, &[operation]),
        }
        self.note();
    }

    pub(crate) fn device_row(&self, at_hand: bool) {
        let found = if at_hand { "hit" } else { "miss" };
        self.device_rows
            .add(1, &[KeyValue::new(fields::CACHE, found)]);
        self.note();
    }

    /// After the counting, so that who collects what is noted finds it.
    fn note(&self) {
        self.news.fetch_add(1, Ordering::Release);
    }
}

fn observe_decisions(meter: &Meter, decisions: &Arc<Decisions>) {
    let decisions = Arc::clone(decisions);
    meter
        .u64_observable_counter(metrics::DECISIONS)
        .with_callback(move |counter| {
            decisions.each(|count, attributes| counter.observe(count, attributes));
        })
        .build();
}

fn observe_policy(meter: &Meter, policy: &Arc<PolicySource>) {
    let source = Arc::clone(policy);
    meter
        .f64_observable_gauge(metrics::POLICY_AGE)
        .with_unit("s")
        .with_callback(move |gauge| {
            if let Some(policy) = source.now() {
                gauge.observe(policy.age.as_secs_f64(), &[]);
            }
        })
        .build();
    let source = Arc::clone(policy);
    meter
        .u64_observable_gauge(metrics::POLICY_INFO)
        .with_callback(move |gauge| {
            if let Some(policy) = source.now() {
                gauge.observe(
                    1,
                    &[KeyValue::new(fields::POLICY_REVISION, policy.revision)],
                );
            }
        })
        .build();
}

fn observe_memory(meter: &Meter) {
    meter
        .u64_observable_gauge(metrics::PROCESS_MEMORY)
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
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

impl PolicySource {
    fn now(&self) -> Option<PolicyState> {
        self.0.get()?()
    }
}

impl fmt::Debug for PolicySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicySource").finish_non_exhaustive()
    }
}
