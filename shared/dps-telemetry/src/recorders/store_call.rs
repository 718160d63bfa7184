//! One call of the store that holds the config tables.

use std::time::SystemTime;

use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt as _, Tracer as _,
};
use opentelemetry::{Context, KeyValue};

use crate::fields;
use crate::pipeline::Pipeline;
use crate::sampler::sampled;
use crate::words::{Operation, word};

/// A call that has ended. Its span is made when it is known whether that of its caller is exported.
#[derive(Debug)]
pub(crate) struct StoreCall {
    operation: Operation,
    begin: SystemTime,
    end: SystemTime,
    error: Option<&'static str>,
}

impl StoreCall {
    /// Waits for the call, and counts it; `error_type` is the word for a failure.
    pub(crate) async fn record<T, E>(
        pipeline: &Pipeline,
        operation: Operation,
        call: impl Future<Output = Result<T, E>>,
        error_type: impl FnOnce(&E) -> &'static str,
    ) -> (Self, Result<T, E>) {
        let begin = SystemTime::now();
        let result = call.await;
        let error = result.as_ref().err().map(error_type);
        pipeline.instruments.store_called(operation, error);
        let end = SystemTime::now();
        let call = Self {
            operation,
            begin,
            end,
            error,
        };
        (call, result)
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.error.is_some()
    }

    /// Ends its span, below that of the caller: exported where that is sampled, or always exported.
    pub(crate) fn export(
        self,
        pipeline: &Pipeline,
        caller: &SpanContext,
        is_always_exported: bool,
    ) {
        let operation = word(self.operation);
        let attributes = [
            KeyValue::new(fields::DB_SYSTEM_NAME, "azure.table"),
            KeyValue::new(fields::DB_OPERATION_NAME, operation),
        ];
        let span = SpanBuilder::from_name(operation)
            .with_kind(SpanKind::Client)
            .with_start_time(self.begin)
            .with_attributes(attributes);
        let caller = if is_always_exported {
            sampled(caller)
        } else {
            caller.clone()
        };
        let caller = Context::new().with_remote_span_context(caller);
        let mut span = pipeline.tracer.build_with_context(span, &caller);
        if let Some(error) = self.error {
            span.set_attribute(KeyValue::new(fields::ERROR_TYPE, error));
            span.set_status(Status::error(error));
        }
        span.end_with_timestamp(self.end);
    }
}
