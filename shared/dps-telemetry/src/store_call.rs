//! One call of the store that holds the config tables.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;

use crate::fields;
use crate::metrics::Metrics;
use crate::span::{Begun, Ended};

/// What is asked of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Whether the tables have changed.
    Fingerprint,
    /// All tables.
    ReadTables,
    /// The row of one device.
    ReadDevice,
}

/// A call under way; nothing where nothing is exported.
#[derive(Debug)]
#[must_use = "a call that is not ended is not counted"]
pub struct StoreCall(Option<Call>);

#[derive(Debug)]
struct Call {
    operation: Operation,
    /// None: a part of the same process, which is no span of its own.
    begun: Option<Begun>,
}

/// A call that is over.
#[derive(Debug)]
pub(crate) struct EndedCall {
    call: Call,
    after: Duration,
    error: Option<&'static str>,
}

impl Operation {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Fingerprint => "fingerprint",
            Self::ReadTables => "read_tables",
            Self::ReadDevice => "read_device",
        }
    }
}

impl StoreCall {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn new(operation: Operation, begun: Option<Begun>) -> Self {
        Self(Some(Call { operation, begun }))
    }

    pub(crate) fn end(self, metrics: &Metrics, error: Option<&'static str>) -> Option<EndedCall> {
        let call = self.0?;
        metrics.store_call(call.operation, error);
        let after = call.begun.as_ref().map_or(Duration::ZERO, Begun::elapsed);
        Some(EndedCall { call, after, error })
    }
}

impl EndedCall {
    pub(crate) fn failed(&self) -> bool {
        self.error.is_some()
    }

    pub(crate) fn into_span(self) -> Option<SpanData> {
        let operation = self.call.operation.as_str();
        let mut attributes = vec![
            KeyValue::new(fields::DB_SYSTEM_NAME, "azure.table"),
            KeyValue::new(fields::DB_OPERATION_NAME, operation),
        ];
        attributes.extend(self.error.map(|it| KeyValue::new(fields::ERROR_TYPE, it)));
        let ended = Ended {
            name: operation.into(),
            kind: SpanKind::Client,
            status: self.error.map_or(Status::Unset, Status::error),
            attributes,
        };
        Some(self.call.begun?.end(self.after, ended))
    }
}
