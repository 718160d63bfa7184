//! The decision log: one line per decision on stdout, a [`DecisionRecord`] as JSON; on a terminal,
//! words.
//!
//! Payload, certificate, keys and twins stay out; what the decision learned from them is in
//! `evidence`.

use std::borrow::Cow;
use std::mem;

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use dps_allocation::{
    AbsentRow, Attestation, Decision, DecisionRecord, DeviceFact, Evidence, Policy, RecordedDevice,
    RecordedEnrollment, RecordedRow, RecordedShadow, Withheld,
};
use dps_telemetry::Allocation;
use jiff::Timestamp;
use parking_lot::Mutex;
use tracing::{Level, error};
use tracing_subscriber::filter::Targets;

use crate::context::Context;
use crate::decision_id::DecisionId;
use crate::json_line::json_line;
use crate::lines::Lines;
use crate::logged::{Named, coarse};
use crate::problem::Reported;
use crate::reason::Reason;

/// Where decisions are logged.
#[derive(Debug)]
pub struct DecisionLog(Option<Destination>);

#[derive(Debug)]
struct Destination {
    lines: Lines,
    /// The memory of one line, for the next.
    buffer: Mutex<Vec<u8>>,
}

/// The line of a request that is not answered yet.
#[derive(Debug)]
pub(crate) struct DecisionLine<'l> {
    log: &'l Destination,
    trace_id: Option<String>,
    decision_id: DecisionId,
}

/// Memory that is kept from line to line, in bytes: more than a decision about 50 linked hubs
/// needs.
const MAX_BUFFER: usize = 8 * 1024;

/// The target in `RUST_LOG` that turns decision lines off, as if they were events.
const TARGET: &str = "decision";

impl DecisionLog {
    /// Logs to `lines` unless `targets` say `decision=off` or a level above `info`.
    #[must_use]
    pub fn new(lines: Lines, targets: &Targets) -> Self {
        let is_on = targets.would_enable(TARGET, &Level::INFO);
        Self(is_on.then(|| Destination {
            lines,
            buffer: Mutex::default(),
        }))
    }

    /// Logs nothing.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// A new line, unless nothing is logged.
    pub(crate) fn line(
        &self,
        request: &HeaderMap,
        recorder: &Allocation<'_>,
    ) -> Option<DecisionLine<'_>> {
        self.0.as_ref().map(|log| DecisionLine {
            log,
            trace_id: recorder.trace_id(),
            decision_id: DecisionId::of(request),
        })
    }
}

impl DecisionLine<'_> {
    /// Sends the line of a decision. When this returns, the request may be answered.
    pub(crate) fn decided(
        self,
        context: &Context<'_>,
        (decision, evidence): (&Decision<'_>, Evidence),
        shadow: Option<RecordedShadow>,
        answer: &Response<Body>,
    ) {
        let mut record = record_of(context, decision);
        record.evidence = evidence;
        record.shadow = shadow;
        self.write(&mut record, Some(context.named), answer);
    }

    /// Sends the line of a request that is answered without a decision.
    pub(crate) fn undecided(self, answer: &Response<Body>) {
        let fault = Reason::Fault;
        let (outcome, reason) = (fault.outcome().as_str(), fault.as_str());
        let mut record = DecisionRecord::new(Timestamp::now(), outcome, reason);
        self.write(&mut record, None, answer);
    }

    /// Completes the record with what the answer says, and sends it.
    fn write<'r>(
        &'r self,
        record: &mut DecisionRecord<'r>,
        named: Option<&Named<'_>>,
        answer: &'r Response<Body>,
    ) {
        record.trace_id = self.trace_id.as_deref().map(Cow::Borrowed);
        record.status = Some(answer.status().as_u16());
        let mut decision_id = &self.decision_id;
        if let Some(reported) = answer.extensions().get::<Reported>() {
            decision_id = &reported.decision_id;
            let reason = reported.reason;
            record.outcome = reason.outcome().as_str().into();
            record.reason = reason.as_str().into();
            let detail = &*reported.detail;
            let detail = named.map_or(Cow::Borrowed(detail), |it| it.hide(detail));
            record.detail = (!reason.quotes_payload()).then_some(detail);
        }
        record.decision_id = Some(decision_id.as_str().into());
        record.invocation_id = decision_id.invocation().map(Cow::Borrowed);
        self.log.write(record);
    }
}

impl Destination {
    fn write(&self, record: &DecisionRecord<'_>) {
        if let Some(terminal) = self.lines.terminal() {
            return self.lines.send_decision(&terminal.decision(record));
        }
        let mut line = mem::take(&mut *self.buffer.lock());
        match json_line(record, &mut line) {
            Ok(()) => self.lines.send_decision(&line),
            Err(error) => error!(%error, "a decision cannot be logged"),
        }
        line.clear();
        line.shrink_to(MAX_BUFFER);
        *self.buffer.lock() = line;
    }
}

/// The record of a decision, without what the answer adds.
fn record_of<'a>(context: &'a Context<'_>, decision: &'a Decision<'_>) -> DecisionRecord<'a> {
    let Context {
        snapshot,
        registration,
        named,
        ref facts,
        ..
    } = *context;
    let attestation = registration.attestation.as_ref();
    let has_certificate = matches!(attestation, Some(Attestation::X509(Some(_))));
    let linked_hubs = registration.linked_hubs.iter();
    let mut record = DecisionRecord::new(facts.now, decision.outcome(), decision.reason());
    record.revision = Some((&*snapshot.revision).into());
    record.registration_id = Some((&*named.registration).into());
    record.ids_hashed = named.is_hidden();
    let enrollment = RecordedEnrollment::new(&registration.enrollment, &named.enrollment);
    record.enrollment = Some(enrollment);
    record.attestation = attestation.map(Attestation::kind);
    record.certificate = has_certificate.then_some(Withheld::Withheld);
    record.payload = registration.payload.map(|_payload| Withheld::Withheld);
    record.linked_hubs = Some(linked_hubs.map(|host| (&**host).into()).collect());
    record.current_hub = registration.current_hub.as_deref().map(Cow::Borrowed);
    record.device = device(&snapshot.policy, &facts.device);
    record.tenant = decision.tenant().map(Cow::Borrowed);
    if let Decision::Assigned(assignment) = decision {
        record.group = assignment.group.as_ref().map(|group| named.group(group));
        record.hub = Some(assignment.hub.into());
        record.rollout = assignment.rollout.map(Cow::Borrowed);
        record.twin_effect = Some(assignment.twin_effect);
    }
    record
}

/// What a record holds of the device's row, if that was read.
fn device<'a>(policy: &'a Policy, device: &DeviceFact<'a>) -> Option<RecordedDevice<'a>> {
    Some(RecordedDevice::Absent(match device {
        DeviceFact::NotRead => return None,
        DeviceFact::Missing => AbsentRow::Missing,
        DeviceFact::Unavailable => AbsentRow::Unavailable,
        DeviceFact::Invalid => AbsentRow::Invalid,
        DeviceFact::Row(row) => {
            let (residency, has_group) = (row.residency(), row.has_group());
            let has_attributes = row.has_attributes();
            let hubs: Vec<&str> = policy.device_hubs(*row).collect();
            let row = policy.device_view(*row);
            let coarse = row.location.and_then(coarse);
            return Some(RecordedDevice::Row(RecordedRow {
                tenant: row.tenant.map(Cow::Borrowed),
                location_rounded: coarse.is_some(),
                location: coarse.map(Cow::Owned).or(row.location.map(Cow::Borrowed)),
                residency: residency.map(Cow::Borrowed),
                hub: (!hubs.is_empty()).then(|| hubs.join(";").into()),
                group: has_group.then_some(Withheld::Withheld),
                profile: row.profile.map(Cow::Borrowed),
                attributes: has_attributes.then_some(Withheld::Withheld),
            }));
        }
    }))
}
