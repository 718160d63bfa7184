//! The decision log: one JSON line a decision on stdout, enough to decide again; on a terminal some
//! words instead.
//!
//! `dps-policy explain --log` reads what is written here. Payload, certificate, keys and twins stay
//! out; what the decision learned from them is in `evidence`.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};
use dps_allocation::{
    Attestation, Decision, DeviceFact, Evidence, Facts, Policy, Registration, ResourceName,
};
use dps_telemetry::{Allocation, Outcome};
use jiff::Timestamp;
use tracing::Level;
use tracing_subscriber::filter::Targets;

use crate::decision_id::{decision_id, is_guid};
use crate::json_line::JsonLine;
use crate::lines::Lines;
use crate::logged::{Named, coarse};
use crate::policy::Snapshot;
use crate::reason::Reason;

/// Where decisions are logged.
#[derive(Clone, Debug)]
pub struct DecisionLog(Option<Lines>);

/// The line of one decision, while that is being taken.
#[derive(Debug)]
pub(crate) struct DecisionLine {
    line: JsonLine,
    decision_id: String,
    /// By which the line and the spans of the request are found together.
    trace_id: Option<String>,
    /// What the line says was decided about; none: nothing that could be read.
    named: Option<Named>,
    /// Why this hub, where there is one.
    reason: &'static str,
}

/// What a problem document tells, kept with the answer for the line.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) reason: Reason,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) decision_id: String,
}

/// The word in `RUST_LOG` that lines of decisions follow, as if they were events.
const TARGET: &str = "decision";

/// Stands for a part that the request had and that no log may hold.
const WITHHELD: &str = "withheld";

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
    pub(crate) fn line(&self, request: &HeaderMap, told: &Allocation<'_>) -> Option<DecisionLine> {
        self.0.as_ref().map(|_lines| DecisionLine {
            line: JsonLine::new("decision"),
            decision_id: decision_id(request),
            trace_id: told.trace_id(),
            named: None,
            reason: "",
        })
    }

    /// Ends the line with the answer, which may be given then: the line is written, unless that
    /// would have to wait for a reader.
    pub(crate) fn write<'l>(
        &'l self,
        line: Option<DecisionLine>,
        answer: &Response<Body>,
    ) -> impl Future<Output = ()> + use<'l> {
        let line = line.map(|line| line.answered(answer));
        let line = match self.0.as_ref().and_then(Lines::terminal) {
            None => line,
            Some(terminal) => line.map(|line| terminal.decision(&line)),
        };
        // The rest of such a body would be asked for (100 Continue) while the answer waits.
        let at_once = answer.status() == StatusCode::PAYLOAD_TOO_LARGE;
        async move {
            match (&self.0, line) {
                (Some(lines), Some(line)) if at_once => lines.send_decision(&line),
                (Some(lines), Some(line)) => lines.send_decision_with_others(&line).await,
                _ => {}
            }
        }
    }
}

impl DecisionLine {
    /// Writes what was decided about, what from, and the hub.
    pub(crate) fn decided(
        &mut self,
        snapshot: &Snapshot,
        (registration, named): (&Registration<'_>, &Named),
        facts: &Facts<'_>,
        (decision, evidence): (&Decision<'_>, &Evidence),
    ) {
        self.named = Some(named.clone());
        let line = &mut self.line;
        line.plain_text("time", facts.now);
        line.optional("revision", snapshot.revision.to_str().ok());
        write_registration(line, registration, named);
        write_device(line, &snapshot.policy, &facts.device);
        if !evidence.is_empty() {
            line.value("evidence", evidence);
        }
        match decision {
            Decision::Assigned(assignment) => {
                self.reason = assignment.reason.as_str();
                line.optional("tenant", assignment.tenant);
                line.text("hub", assignment.hub);
                line.optional("rollout", assignment.rollout);
                line.text("twinEffect", assignment.twin_effect.as_str());
            }
            Decision::Refused(refusal) => line.optional("tenant", refusal.tenant.as_deref()),
            Decision::Unavailable(_) => {}
        }
    }

    /// Writes the answer, and ends the line.
    fn answered(mut self, answer: &Response<Body>) -> Vec<u8> {
        let line = &mut self.line;
        if self.named.is_none() {
            line.plain_text("time", Timestamp::now());
        }
        let mut decision_id = &self.decision_id;
        line.plain("status", answer.status().as_u16());
        if let Some(told) = answer.extensions().get::<Told>() {
            decision_id = &told.decision_id;
            line.text("outcome", told.reason.outcome().as_str());
            line.text("reason", told.reason.as_str());
            if !told.reason.quotes_payload() {
                let named = self.named.as_ref();
                let detail = named.map_or((&*told.detail).into(), |it| it.hide(&told.detail));
                line.text("detail", &detail);
            }
        } else {
            line.text("outcome", Outcome::Assigned.as_str());
            line.text("reason", self.reason);
        }
        line.text("decisionId", decision_id);
        line.optional(
            "invocationId",
            Some(&**decision_id).filter(|id| is_guid(id)),
        );
        line.optional("traceId", self.trace_id.as_deref());
        self.line.end()
    }
}

fn write_registration(line: &mut JsonLine, registration: &Registration<'_>, named: &Named) {
    let enrollment = &registration.enrollment;
    line.text("registrationId", &named.registration);
    if named.is_hidden() {
        line.plain("idsHashed", true);
    }
    line.object("enrollment", |line| {
        line.text("kind", enrollment.kind.as_str());
        line.text("id", &named.enrollment);
        line.plain("iotEdge", enrollment.iot_edge);
        line.plain("resetsData", enrollment.resets_data);
        for (member, name) in enrollment.registry.names() {
            line.optional(member, name.map(ResourceName::as_str));
        }
        let references = &enrollment.registry.device_type_refs;
        if !references.is_empty() {
            line.list("deviceTypeRefs", references.iter().map(|it| &**it));
        }
    });
    let attestation = registration.attestation.as_ref();
    line.optional("attestation", attestation.map(Attestation::as_str));
    if let Some(Attestation::X509(Some(_))) = attestation {
        line.text("certificate", WITHHELD);
    }
    if registration.payload.is_some() {
        line.text("payload", WITHHELD);
    }
    line.list(
        "linkedHubs",
        registration.linked_hubs.iter().map(|host| &**host),
    );
    line.optional("currentHub", registration.current_hub.as_deref());
}

fn write_device(line: &mut JsonLine, policy: &Policy, device: &DeviceFact<'_>) {
    let word = match device {
        DeviceFact::Row(row) => {
            let row = policy.device_view(*row);
            return line.object("device", |line| {
                line.optional("tenant", row.tenant);
                match row.location.and_then(coarse) {
                    Some(coarse) => {
                        line.text("location", &coarse);
                        line.plain("locationRounded", true);
                    }
                    None => line.optional("location", row.location),
                }
                line.optional("hub", row.hub);
                line.optional("profile", row.profile);
            });
        }
        DeviceFact::NotRead => return,
        DeviceFact::Missing => "missing",
        DeviceFact::Unavailable => "unavailable",
        DeviceFact::Invalid => "invalid",
    };
    line.text("device", word);
}
