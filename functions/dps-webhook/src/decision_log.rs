//! The decision log: one JSON line a decision on stdout, a [`DecisionRecord`]; on a terminal some
//! words instead.
//!
//! Payload, certificate, keys and twins stay out; what the decision learned from them is in
//! `evidence`.

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use dps_allocation::{
    AbsentRow, Attestation, AttestationKind, Decision, DecisionRecord, DeviceFact, Evidence, Facts,
    Policy, RecordedDevice, RecordedEnrollment, RecordedRow, RecordedShadow, Registration,
    Withheld,
};
use dps_telemetry::Allocation;
use jiff::Timestamp;
use tracing::{Level, error};
use tracing_subscriber::filter::Targets;

use crate::decision_id::{decision_id, is_guid};
use crate::json_line::json_line;
use crate::lines::Lines;
use crate::logged::{Named, coarse};
use crate::policy::Snapshot;
use crate::problem::Reported;
use crate::reason::Reason;

/// Where decisions are logged.
#[derive(Clone, Debug)]
pub struct DecisionLog(Option<Lines>);

/// The line of one request, until that is answered.
#[derive(Debug)]
pub(crate) struct DecisionLine {
    trace_id: Option<String>,
    decision_id: String,
    /// What was decided for which registration; none: no registration could be read.
    decided: Option<Box<(DecisionRecord, Named)>>,
}

/// The word in `RUST_LOG` that lines of decisions follow, as if they were events.
const TARGET: &str = "decision";

impl DecisionLog {
    /// Logs to `lines` unless `targets` say `decision=off` or a level above `info`.
    #[must_use]
    pub fn new(lines: Lines, targets: &Targets) -> Self {
        Self(targets.would_enable(TARGET, &Level::INFO).then_some(lines))
    }

    /// Logs nothing.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// A new line; none where nothing is logged.
    pub(crate) fn line(
        &self,
        request: &HeaderMap,
        recorder: &Allocation<'_>,
    ) -> Option<DecisionLine> {
        self.0.as_ref().map(|_lines| DecisionLine {
            trace_id: recorder.trace_id(),
            decision_id: decision_id(request),
            decided: None,
        })
    }

    /// Ends the line with the answer, and hands it in; the answer may be given then.
    pub(crate) fn write(&self, line: Option<DecisionLine>, answer: &Response<Body>) {
        let (Some(lines), Some(line)) = (&self.0, line) else {
            return;
        };
        let record = line.answered(answer);
        let line = match lines.terminal() {
            Some(terminal) => Ok(terminal.decision(&record)),
            None => json_line(&record),
        };
        match line {
            Ok(line) => lines.send_decision(&line),
            Err(error) => error!(%error, "a decision cannot be logged"),
        }
    }
}

impl DecisionLine {
    /// Records the registration, the facts and the decision.
    pub(crate) fn decided(
        &mut self,
        snapshot: &Snapshot,
        (registration, named): (&Registration<'_>, &Named),
        facts: &Facts<'_>,
        (decision, evidence): (&Decision<'_>, Evidence),
    ) {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let attestation = registration.attestation.as_ref();
        let has_certificate = matches!(attestation, Some(Attestation::X509(Some(_))));
        let linked_hubs = registration.linked_hubs.iter();
        let mut record = DecisionRecord::new(facts.now, decision.outcome(), decision.reason());
        record.revision = Some(snapshot.revision.to_string());
        record.registration_id = Some(named.registration.clone());
        record.ids_hashed = named.is_hidden();
        let enrollment = named.enrollment.clone();
        record.enrollment = Some(RecordedEnrollment::new(
            &registration.enrollment,
            enrollment,
        ));
        record.attestation = attestation.map(AttestationKind::from);
        record.certificate = has_certificate.then_some(Withheld::Withheld);
        record.payload = registration.payload.map(|_payload| Withheld::Withheld);
        record.linked_hubs = Some(linked_hubs.map(|host| (**host).to_owned()).collect());
        record.current_hub = text(registration.current_hub.as_deref());
        record.device = device(&snapshot.policy, &facts.device);
        record.evidence = evidence;
        record.tenant = text(decision.tenant());
        if let Decision::Assigned(assignment) = decision {
            record.group = assignment.group.as_ref().map(|group| named.group(group));
            record.hub = text(Some(assignment.hub));
            record.rollout = text(assignment.rollout);
            record.twin_effect = Some(assignment.twin_effect);
        }
        self.decided = Some(Box::new((record, named.clone())));
    }

    /// Records what the candidate policy decides.
    pub(crate) fn shadow(&mut self, shadow: RecordedShadow) {
        if let Some(decided) = &mut self.decided {
            decided.0.shadow = Some(shadow);
        }
    }

    /// The record with the answer.
    fn answered(self, answer: &Response<Body>) -> DecisionRecord {
        let Self {
            trace_id,
            mut decision_id,
            decided,
        } = self;
        let reported = answer.extensions().get::<Reported>();
        let reason = reported.map_or(Reason::Fault, |it| it.reason);
        let (outcome, word) = (reason.outcome().as_str(), reason.as_str());
        let (mut record, named) = match decided.map(|decided| *decided) {
            Some((record, named)) => (record, Some(named)),
            None => (DecisionRecord::new(Timestamp::now(), outcome, word), None),
        };
        record.trace_id = trace_id;
        record.status = Some(answer.status().as_u16());
        if let Some(reported) = reported {
            decision_id.clone_from(&reported.decision_id);
            (record.outcome, record.reason) = (outcome.into(), word.into());
            let detail = || {
                let detail = &*reported.detail;
                named.map_or_else(|| detail.to_owned(), |it| it.hide(detail).into_owned())
            };
            record.detail = (!reported.reason.quotes_payload()).then(detail);
        }
        record.invocation_id = is_guid(&decision_id).then(|| decision_id.clone());
        record.decision_id = Some(decision_id);
        record
    }
}

/// What a record holds of the device's row; none where it was not read.
fn device(policy: &Policy, device: &DeviceFact<'_>) -> Option<RecordedDevice> {
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
                tenant: row.tenant.map(str::to_owned),
                location_rounded: coarse.is_some(),
                location: coarse.or_else(|| row.location.map(str::to_owned)),
                residency: residency.map(str::to_owned),
                hub: (!hubs.is_empty()).then(|| hubs.join(";")),
                group: has_group.then_some(Withheld::Withheld),
                profile: row.profile.map(str::to_owned),
                attributes: has_attributes.then_some(Withheld::Withheld),
            }));
        }
    }))
}
