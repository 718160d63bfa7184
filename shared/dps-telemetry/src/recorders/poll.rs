//! One poll of the config tables.

use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Status, Tracer as _};
use opentelemetry::{Context, KeyValue};

use super::store_call::StoreCall;
use crate::fields;
use crate::pipeline::Pipeline;
use crate::words::{Operation, PollOutcome, word};

const NAME: &str = "refresh policy";

/// A poll under way: a trace of its own, since no request waits for it.
#[derive(Debug)]
pub struct PollRecorder {
    /// None if nothing is exported.
    pipeline: Option<Arc<Pipeline>>,
    is_remote: bool,
    begin: SystemTime,
    calls: Vec<StoreCall>,
}

impl PollRecorder {
    pub(crate) fn begin(pipeline: Option<Arc<Pipeline>>, is_remote: bool) -> Self {
        Self {
            pipeline,
            is_remote,
            begin: SystemTime::now(),
            calls: Vec::new(),
        }
    }

    /// Waits for a call of the store; `error_type` is the word for a failure.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn call<T, E>(
        &mut self,
        operation: Operation,
        call: impl Future<Output = Result<T, E>>,
        error_type: impl FnOnce(&E) -> &'static str,
    ) -> Result<T, E> {
        let Some(pipeline) = &self.pipeline else {
            return call.await;
        };
        let (call, result) = StoreCall::record(pipeline, operation, call, error_type).await;
        self.calls.push(call);
        result
    }

    /// Ends the poll; the revision is that of the policy in use.
    pub fn end(self, outcome: PollOutcome, revision: Option<String>) {
        let Some(pipeline) = &self.pipeline else {
            return;
        };
        if outcome == PollOutcome::Refused {
            pipeline.instruments.policy_rejected();
        }
        let has_failed = self.calls.iter().any(StoreCall::has_failed);
        if outcome == PollOutcome::Unchanged && !has_failed {
            return;
        }
        let mut attributes = vec![KeyValue::new(fields::OUTCOME, word(outcome))];
        attributes.extend(revision.map(|it| KeyValue::new(fields::POLICY_REVISION, it)));
        let span = SpanBuilder::from_name(NAME)
            .with_kind(SpanKind::Internal)
            .with_start_time(self.begin)
            .with_attributes(attributes);
        let mut span = pipeline.tracer.build_with_context(span, &Context::new());
        if outcome == PollOutcome::Failed {
            let error = "storeUnavailable";
            span.set_attribute(KeyValue::new(fields::ERROR_TYPE, error));
            span.set_status(Status::error(error));
        }
        let is_always_exported = matches!(outcome, PollOutcome::Refused | PollOutcome::Failed);
        // A folder is not another service.
        for call in self.calls.into_iter().filter(|_| self.is_remote) {
            call.export(pipeline, span.span_context(), is_always_exported);
        }
        span.end();
    }
}
