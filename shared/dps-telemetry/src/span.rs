//! A span from its begin to its end.

use std::borrow::Cow;
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{
    IdGenerator as _, RandomIdGenerator, SpanData, SpanEvents, SpanLinks,
};

use crate::parent::Parent;
use crate::sampler::Sampler;

/// A span that has begun: ids and times only, so that it costs next to nothing if it is not kept.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) trace: TraceId,
    span: SpanId,
    parent: SpanId,
    parent_is_remote: bool,
    pub(crate) sampled: bool,
    start: SystemTime,
    pub(crate) began: Instant,
}

/// What is known of a span at its end.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: SpanKind,
    pub(crate) status: Status,
    pub(crate) attributes: Vec<KeyValue>,
}

impl Begun {
    /// The first span of this process in its trace.
    pub(crate) fn new(sampler: Sampler, parent: Option<Parent>) -> Self {
        let ids = RandomIdGenerator::default();
        let trace = parent.map_or_else(|| ids.new_trace_id(), |parent| parent.trace);
        Self {
            trace,
            span: ids.new_span_id(),
            parent: parent.map_or(SpanId::INVALID, |parent| parent.span),
            parent_is_remote: parent.is_some(),
            sampled: sampler.samples(parent, trace),
            start: SystemTime::now(),
            began: Instant::now(),
        }
    }

    /// A span within this one.
    pub(crate) fn child(&self) -> Self {
        Self {
            trace: self.trace,
            span: RandomIdGenerator::default().new_span_id(),
            parent: self.span,
            parent_is_remote: false,
            sampled: self.sampled,
            start: SystemTime::now(),
            began: Instant::now(),
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Ends it after this long.
    pub(crate) fn end(self, after: Duration, ended: Ended) -> SpanData {
        // Sampled: what comes this far is exported, also where that was decided at the end.
        let context = SpanContext::new(
            self.trace,
            self.span,
            TraceFlags::SAMPLED,
            false,
            TraceState::NONE,
        );
        SpanData {
            span_context: context,
            parent_span_id: self.parent,
            parent_span_is_remote: self.parent_is_remote,
            span_kind: ended.kind,
            name: ended.name,
            start_time: self.start,
            end_time: self.start + after,
            attributes: ended.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: ended.status,
            instrumentation_scope: InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
                .with_version(env!("CARGO_PKG_VERSION"))
                .build(),
        }
    }
}
