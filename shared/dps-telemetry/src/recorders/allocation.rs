//! One request to allocate, from its head to its answer.

use std::time::Instant;

use http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanKind, Status, TraceContextExt as _, TraceId, Tracer as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::Span;

use super::store_call::StoreCall;
use crate::fields;
use crate::pipeline::Pipeline;
use crate::words::{ALLOCATE, Operation, Outcome, word};

const NAME: &str = "POST /api/allocate";

/// A request under way.
#[derive(Debug)]
pub struct Allocation<'t> {
    /// None if nothing is exported.
    open: Option<Open<'t>>,
    trace: TraceId,
}

#[derive(Debug)]
struct Open<'t> {
    pipeline: &'t Pipeline,
    span: Span,
    begin: Instant,
    outcome: Outcome,
    reason: &'static str,
    device_row: Option<StoreCall>,
}

/// A decision about a device, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub struct Decided<'a> {
    /// How it ended.
    pub outcome: Outcome,
    /// The published reason.
    pub reason: &'static str,
    /// The device.
    pub registration_id: Option<&'a str>,
    /// The enrollment that it came through.
    pub enrollment_id: Option<&'a str>,
    /// The device's tenant.
    pub tenant: Option<&'a str>,
    /// The hub in the answer.
    pub hub: Option<&'a str>,
    /// The rollout that selected the device.
    pub rollout: Option<&'a str>,
    /// The policy that decided.
    pub policy_revision: Option<&'a str>,
}

impl<'t> Allocation<'t> {
    pub(crate) fn begin(pipeline: Option<&'t Pipeline>, headers: &HeaderMap) -> Self {
        let propagator = TraceContextPropagator::new();
        let caller = propagator.extract_with_context(&Context::new(), &HeaderExtractor(headers));
        let open = pipeline.map(|pipeline| {
            let span = SpanBuilder::from_name(NAME).with_kind(SpanKind::Server);
            Open {
                pipeline,
                span: pipeline.tracer.build_with_context(span, &caller),
                begin: Instant::now(),
                outcome: Outcome::Failed,
                reason: "unknown",
                device_row: None,
            }
        });
        let trace = match &open {
            Some(open) => open.span.span_context().trace_id(),
            None => caller.span().span_context().trace_id(),
        };
        Self { open, trace }
    }

    /// A request that is not recorded.
    #[must_use]
    pub fn unrecorded() -> Self {
        Self {
            open: None,
            trace: TraceId::INVALID,
        }
    }

    /// Id of the trace, 32 hex digits: the caller's, else one that begins here; none if the
    /// caller names none and nothing is exported.
    #[must_use]
    pub fn trace_id(&self) -> Option<String> {
        (self.trace != TraceId::INVALID).then(|| self.trace.to_string())
    }

    /// The row of the device is in the cache.
    pub fn device_row_is_cached(&mut self) {
        if let Some(open) = &self.open {
            open.pipeline.instruments.device_row(true);
        }
    }

    /// Waits for the row of the device from the store; `error_type` is the word for a failure.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn read_device_row<T, E>(
        &mut self,
        call: impl Future<Output = Result<T, E>>,
        error_type: impl FnOnce(&E) -> &'static str,
    ) -> Result<T, E> {
        let Some(open) = &mut self.open else {
            return call.await;
        };
        let pipeline = open.pipeline;
        pipeline.instruments.device_row(false);
        let operation = Operation::ReadDevice;
        let (call, result) = StoreCall::record(pipeline, operation, call, error_type).await;
        open.device_row = Some(call);
        result
    }

    /// Records the decision.
    pub fn decided(&mut self, decided: &Decided<'_>) {
        let Some(open) = &mut self.open else {
            return;
        };
        let Decided {
            outcome,
            reason,
            tenant,
            hub,
            ..
        } = *decided;
        let instruments = &open.pipeline.instruments;
        instruments.decided(outcome, reason, (tenant, hub));
        (open.outcome, open.reason) = (outcome, reason);
        let texts = [
            (fields::REGISTRATION_ID, decided.registration_id),
            (fields::ENROLLMENT_ID, decided.enrollment_id),
            (fields::TENANT, tenant),
            (fields::HUB, hub),
            (fields::ROLLOUT, decided.rollout),
            (fields::POLICY_REVISION, decided.policy_revision),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                let attribute = KeyValue::new(name, text.to_owned());
                open.span.set_attribute(attribute);
            }
        }
    }

    /// Ends the request; the invocation is that of the Functions host.
    pub fn end(self, path: &str, status: u16, invocation_id: Option<&str>) {
        if let Some(open) = self.open {
            open.end(path, status, invocation_id);
        }
    }
}

impl Open<'_> {
    fn end(self, path: &str, status: u16, invocation_id: Option<&str>) {
        let Self {
            pipeline,
            mut span,
            outcome,
            reason,
            ..
        } = self;
        let instruments = &pipeline.instruments;
        instruments.answered(status, outcome, self.begin.elapsed());
        // The same route with and without the prefix of the Functions host.
        let path = if path == ALLOCATE {
            ALLOCATE
        } else {
            "/allocate"
        };
        span.set_attributes([
            KeyValue::new(fields::OUTCOME, word(outcome)),
            KeyValue::new(fields::REASON, reason),
            KeyValue::new(fields::HTTP_REQUEST_METHOD, "POST"),
            KeyValue::new(fields::HTTP_ROUTE, ALLOCATE),
            KeyValue::new(fields::URL_PATH, path),
            KeyValue::new(fields::URL_SCHEME, "http"),
            KeyValue::new(fields::HTTP_RESPONSE_STATUS_CODE, i64::from(status)),
            KeyValue::new(fields::FAAS_TRIGGER, "http"),
        ]);
        if let Some(id) = invocation_id {
            span.set_attribute(KeyValue::new(fields::FAAS_INVOCATION_ID, id.to_owned()));
        }
        if matches!(outcome, Outcome::Unavailable | Outcome::Failed) {
            span.set_attribute(KeyValue::new(fields::ERROR_TYPE, reason));
            span.set_status(Status::error(reason));
        }
        if let Some(row) = self.device_row {
            let is_always_exported = outcome != Outcome::Assigned;
            row.export(pipeline, span.span_context(), is_always_exported);
        }
        span.end();
    }
}
