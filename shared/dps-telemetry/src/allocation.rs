//! One request to allocate, from its head to its answer.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanKind, Status, TraceId};

use crate::fields;
use crate::parent::Parent;
use crate::span::{Begun, Ended};
use crate::store_call::{EndedCall, Operation, StoreCall};
use crate::telemetry::Inner;

/// The route, as the Functions host publishes it.
pub(crate) const ROUTE: &str = "/api/allocate";

const NAME: &str = "POST /api/allocate";

/// Attributes of a span that has all of them, so that their list is allocated once.
const MOST_ATTRIBUTES: usize = 16;

/// A request under way.
#[derive(Debug)]
pub struct Allocation<'t> {
    /// None where nothing is exported.
    open: Option<Open<'t>>,
    /// The trace that it belongs to; none where nobody has begun one.
    trace: Option<TraceId>,
}

#[derive(Debug)]
struct Open<'t> {
    telemetry: &'t Inner,
    begun: Begun,
    outcome: Outcome,
    reason: &'static str,
    /// Whether the span is exported: decided before it is made.
    is_kept: bool,
    /// Empty until the decision, and for ever where the span is not exported.
    attributes: Vec<KeyValue>,
    device_row: Option<EndedCall>,
}

/// What was decided about a device, as far as it is known.
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
    /// The hub that was answered.
    pub hub: Option<&'a str>,
    /// The rollout that took the device.
    pub rollout: Option<&'a str>,
    /// The policy that decided.
    pub policy_revision: Option<&'a str>,
}

/// How a request to allocate ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// With a hub.
    Assigned,
    /// With the answer that the device may not be assigned: as the policy says, so no error.
    Refused,
    /// Not now: an error.
    Unavailable,
    /// By a fault of the program: an error.
    Failed,
}

impl Outcome {
    /// The word for spans, metrics and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Failed => "failed",
        }
    }
}

impl<'t> Allocation<'t> {
    pub(crate) fn begin(telemetry: Option<&'t Inner>, traceparent: Option<&str>) -> Self {
        let caller = traceparent.and_then(Parent::parse);
        let open = telemetry.map(|telemetry| Open {
            telemetry,
            begun: Begun::new(telemetry.sampler, caller),
            outcome: Outcome::Failed,
            reason: "unknown",
            is_kept: true,
            attributes: Vec::new(),
            device_row: None,
        });
        let begun = open.as_ref().map(|open| open.begun.trace);
        Self {
            trace: begun.or(caller.map(|caller| caller.trace)),
            open,
        }
    }

    /// A request that nothing is told of.
    #[must_use]
    pub fn untold() -> Self {
        Self {
            open: None,
            trace: None,
        }
    }

    /// Id of the trace, 32 hex digits: the caller's, else one that begins here; none where the
    /// caller names none and nothing is exported.
    #[must_use]
    pub fn trace_id(&self) -> Option<String> {
        self.trace.map(|trace| trace.to_string())
    }

    /// The row of the device was needed, and was at hand.
    pub fn device_row_at_hand(&mut self) {
        if let Some(open) = &self.open {
            open.telemetry.metrics.device_row(true);
        }
    }

    /// The row of the device is needed, and the store is asked for it.
    pub fn device_row_asked(&mut self) -> StoreCall {
        let Some(open) = &self.open else {
            return StoreCall::NONE;
        };
        open.telemetry.metrics.device_row(false);
        StoreCall::new(Operation::ReadDevice, Some(open.begun.child()))
    }

    /// The store has answered, or failed with this kind of error.
    pub fn device_row_answered(&mut self, call: StoreCall, error: Option<&'static str>) {
        if let Some(open) = &mut self.open {
            open.device_row = call.end(&open.telemetry.metrics, error);
        }
    }

    /// Notes what was decided.
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
        let telemetry = open.telemetry;
        let decisions = &telemetry.metrics.decisions;
        decisions.count(outcome, reason, tenant, hub);
        (open.outcome, open.reason) = (outcome, reason);
        // What was refused or has failed is looked for: it is exported whatever the sampling.
        open.is_kept = match outcome {
            Outcome::Assigned => open.begun.sampled && telemetry.admits(open.begun.began),
            Outcome::Refused | Outcome::Unavailable | Outcome::Failed => true,
        };
        if open.is_kept {
            open.describe(decided);
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
    fn describe(&mut self, decided: &Decided<'_>) {
        let Self {
            telemetry,
            attributes,
            ..
        } = self;
        let known = |text| telemetry.metrics.decisions.text(text);
        attributes.reserve_exact(MOST_ATTRIBUTES);
        attributes.push(KeyValue::new(fields::OUTCOME, decided.outcome.as_str()));
        attributes.push(KeyValue::new(fields::REASON, decided.reason));
        // Arcs, since each destination gets a copy.
        let device: Option<Arc<str>> = decided.registration_id.map(Arc::from);
        let enrollment = match decided.enrollment_id {
            // An individual enrollment: an id that does not come again.
            id if id == decided.registration_id => device.clone(),
            id => id.map(known),
        };
        let texts = [
            (fields::REGISTRATION_ID, device),
            (fields::ENROLLMENT_ID, enrollment),
            (fields::TENANT, decided.tenant.map(known)),
            (fields::HUB, decided.hub.map(known)),
            (fields::ROLLOUT, decided.rollout.map(known)),
            (fields::POLICY_REVISION, decided.policy_revision.map(known)),
        ];
        for (name, text) in texts {
            attributes.extend(text.map(|text| KeyValue::new(name, text)));
        }
    }

    fn end(mut self, path: &str, status: u16, invocation_id: Option<&str>) {
        let after = self.begun.elapsed();
        self.telemetry.metrics.request(status, self.outcome, after);
        if !self.is_kept {
            return;
        }
        let mut attributes = self.attributes;
        attributes.reserve_exact(MOST_ATTRIBUTES.saturating_sub(attributes.len()));
        // The same route with and without the prefix of the Functions host.
        let path = if path == ROUTE { ROUTE } else { "/allocate" };
        attributes.extend([
            KeyValue::new(fields::HTTP_REQUEST_METHOD, "POST"),
            KeyValue::new(fields::HTTP_ROUTE, ROUTE),
            KeyValue::new(fields::URL_PATH, path),
            KeyValue::new(fields::URL_SCHEME, "http"),
            KeyValue::new(fields::HTTP_RESPONSE_STATUS_CODE, i64::from(status)),
            KeyValue::new(fields::FAAS_TRIGGER, "http"),
        ]);
        let invocation = invocation_id.map(Arc::<str>::from);
        attributes.extend(invocation.map(|it| KeyValue::new(fields::FAAS_INVOCATION_ID, it)));
        let mut span_status = Status::Unset;
        if matches!(self.outcome, Outcome::Unavailable | Outcome::Failed) {
            attributes.push(KeyValue::new(fields::ERROR_TYPE, self.reason));
            span_status = Status::error(self.reason);
        }
        let ended = Ended {
            name: NAME.into(),
            kind: SpanKind::Server,
            status: span_status,
            attributes,
        };
        let row = self.device_row.take().and_then(EndedCall::into_span);
        if let Some(row) = row {
            self.telemetry.export(row);
        }
        self.telemetry.export(self.begun.end(after, ended));
    }
}
