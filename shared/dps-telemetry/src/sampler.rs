//! Which traces are sampled, as `OTEL_TRACES_SAMPLER` says.

use opentelemetry::trace::{Link, SpanContext, SpanKind, TraceFlags, TraceId};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{
    ParentBasedSampler, Sampler as SdkSampler, SamplingDecision, SamplingResult, ShouldSample,
};

/// Records all spans, since only their end shows which are exported whatever the sampling says.
#[derive(Clone, Debug)]
pub(crate) struct Sampler(ParentBasedSampler);

/// The sampler of the specification for a variable that is not set.
pub(crate) const DEFAULT: &str = "parentbased_always_on";

impl Sampler {
    /// None if there is no such sampler. Spans below another span of this process always follow it.
    pub(crate) fn named(name: &str, ratio: f64) -> Option<Self> {
        let own = name.strip_prefix("parentbased_");
        let ratio = SdkSampler::TraceIdRatioBased(match own.unwrap_or(name) {
            "always_on" => 1.0,
            "always_off" => 0.0,
            "traceidratio" => ratio,
            _ => return None,
        });
        let follows_caller = ParentBasedSampler::new(ratio.clone());
        Some(Self(match own {
            Some(_) => follows_caller,
            None => follows_caller
                .with_remote_parent_sampled(ratio.clone())
                .with_remote_parent_not_sampled(ratio),
        }))
    }
}

impl Default for Sampler {
    fn default() -> Self {
        Self(ParentBasedSampler::new(SdkSampler::AlwaysOn))
    }
}

impl ShouldSample for Sampler {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let sampler = &self.0;
        let mut result = sampler.should_sample(parent, trace, name, kind, attributes, links);
        if result.decision == SamplingDecision::Drop {
            result.decision = SamplingDecision::RecordOnly;
        }
        result
    }
}

/// What is exported is marked as sampled, even if only its end decided that.
pub(crate) fn sampled(context: &SpanContext) -> SpanContext {
    SpanContext::new(
        context.trace_id(),
        context.span_id(),
        context.trace_flags() | TraceFlags::SAMPLED,
        context.is_remote(),
        context.trace_state().clone(),
    )
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanId, TraceContextExt as _, TraceState};

    use super::*;

    /// How many of 1,000 traces are sampled: without a caller, and with one that is sampled or not.
    #[track_caller]
    fn check(name: &str, ratio: f64, expected: [usize; 3]) {
        let sampler = Sampler::named(name, ratio).unwrap();
        let count = |caller: Option<TraceFlags>| {
            let traces = (1..=1000_u128).map(|n| TraceId::from(n.wrapping_mul(u128::MAX / 997)));
            let kept = traces.filter(|trace| {
                let caller = caller.map(|flags| {
                    let span = SpanId::from(1);
                    let caller = SpanContext::new(*trace, span, flags, true, TraceState::NONE);
                    Context::new().with_remote_span_context(caller)
                });
                let kind = &SpanKind::Server;
                let result = sampler.should_sample(caller.as_ref(), *trace, "test", kind, &[], &[]);
                assert_ne!(result.decision, SamplingDecision::Drop);
                result.decision == SamplingDecision::RecordAndSample
            });
            kept.count()
        };
        let callers = [
            None,
            Some(TraceFlags::SAMPLED),
            Some(TraceFlags::NOT_SAMPLED),
        ];
        assert_eq!(callers.map(count), expected, "{name}");
    }

    #[test]
    fn standard_samplers_sample_their_share_and_record_all() {
        check("always_on", 0.0, [1000; 3]);
        check("always_off", 1.0, [0; 3]);
        check("traceidratio", 1.0, [1000; 3]);
        check("traceidratio", 0.0, [0; 3]);
        check("parentbased_always_on", 0.0, [1000, 1000, 0]);
        check("parentbased_always_off", 1.0, [0, 1000, 0]);
        check("parentbased_traceidratio", 1.0, [1000, 1000, 0]);
        assert!(Sampler::named("jaeger_remote", 1.0).is_none());
    }
}
