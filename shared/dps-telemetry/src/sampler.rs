//! Which traces are exported, as `OTEL_TRACES_SAMPLER` says.

use opentelemetry::trace::TraceId;

use crate::parent::Parent;

/// The decision for every request that is answered as it should be; others are always exported.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampler {
    /// Whether a caller's decision is followed.
    parent_based: bool,
    /// Trace ids whose lower 63 bits are below this are sampled.
    below: u64,
}

const ALL: u64 = 1 << 63;

/// What OpenTelemetry's specification says for a variable that is not set.
pub(crate) const DEFAULT: &str = "parentbased_always_on";

impl Sampler {
    pub(crate) const ALWAYS_ON: Self = Self {
        parent_based: false,
        below: ALL,
    };

    /// None: there is no such sampler.
    pub(crate) fn named(name: &str, ratio: f64) -> Option<Self> {
        let (parent_based, root) = match name.strip_prefix("parentbased_") {
            Some(root) => (true, root),
            None => (false, name),
        };
        let below = match root {
            "always_on" => ALL,
            "always_off" => 0,
            "traceidratio" => of_ratio(ratio),
            _ => return None,
        };
        Some(Self {
            parent_based,
            below,
        })
    }

    pub(crate) fn samples(self, parent: Option<Parent>, trace: TraceId) -> bool {
        match parent {
            Some(parent) if self.parent_based => parent.sampled,
            _ => {
                // The lower half, as the SDK and others take it: all of them sample the same traces.
                let lower = u128::from_be_bytes(trace.to_bytes()) & u128::from(u64::MAX);
                lower >> 1 < u128::from(self.below)
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a ratio from 0 to 1 of 2^63 is a whole number up to 2^63"
)]
fn of_ratio(ratio: f64) -> u64 {
    (ratio.clamp(0.0, 1.0) * ALL as f64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of the traces are sampled: without a parent, with one that is, with one that isn't.
    #[track_caller]
    fn check(name: &str, ratio: f64, expected: [usize; 3]) {
        let sampler = Sampler::named(name, ratio).unwrap();
        let traces = (0..1000_u128).map(|n| TraceId::from(n.wrapping_mul(u128::MAX / 997)));
        let with = |sampled| {
            Some(Parent {
                trace: TraceId::INVALID,
                span: opentelemetry::trace::SpanId::INVALID,
                sampled,
            })
        };
        let count = |parent| {
            traces
                .clone()
                .filter(|it| sampler.samples(parent, *it))
                .count()
        };
        assert_eq!(
            [None, with(true), with(false)].map(count),
            expected,
            "{name}"
        );
    }

    #[test]
    fn the_standard_samplers() {
        check("always_on", 0.0, [1000; 3]);
        check("always_off", 1.0, [0; 3]);
        check("traceidratio", 1.0, [1000; 3]);
        check("traceidratio", 0.0, [0; 3]);
        check("parentbased_always_on", 0.0, [1000, 1000, 0]);
        check("parentbased_always_off", 1.0, [0, 1000, 0]);
        check("parentbased_traceidratio", 1.0, [1000, 1000, 0]);
        assert_eq!(Sampler::named("jaeger_remote", 1.0), None);
    }

    #[test]
    fn a_ratio_samples_its_share() {
        let sampler = Sampler::named("traceidratio", 0.25).unwrap();
        let traces = (0..1000_u128).map(|n| TraceId::from(n.wrapping_mul(u128::MAX / 997)));
        let share = traces.filter(|it| sampler.samples(None, *it)).count();
        assert!((240..=260).contains(&share), "{share}");
    }
}
