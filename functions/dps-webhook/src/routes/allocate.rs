//! `POST /api/allocate`: DPS asks which hub a device belongs to.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use dps_allocation::{
    AssignedReason, Assignment, Decision, Evidence, decide, decide_with_evidence,
};
use dps_telemetry::{Allocation, Decided, Outcome};
use tracing::{debug, warn};

use super::reply::{JSON, with_revision};
use crate::app::{App, report};
use crate::context::Context;
use crate::decision_log::DecisionLine;
use crate::policy::PolicyInUse;
use crate::problem::Problem;
use crate::reason::Reason;

/// Which step chose the hub, for people who try the webhook by hand.
static REASON: HeaderName = HeaderName::from_static("dps-reason");

pub(super) async fn allocate(State(app): State<Arc<App>>, request: Request) -> Response {
    let recorder = app.telemetry.allocation(request.headers());
    let mut line = app.log.line(request.headers(), &recorder);
    let response = app
        .answer(request, recorder, |context, recorder| {
            Ok(answer(&app, &mut line, context, recorder))
        })
        .await;
    if let Some(line) = line {
        line.undecided(&response);
    }
    response
}

/// Decides, and sends the line here, since it borrows from request and policy.
fn answer(
    app: &App,
    line: &mut Option<DecisionLine<'_>>,
    context: &Context<'_>,
    recorder: &mut Allocation<'_>,
) -> Response {
    let Context {
        snapshot,
        registration,
        named,
        ref facts,
        found,
        row_findings,
        head,
    } = *context;
    let policy = &snapshot.policy;
    let (decision, evidence) = match line {
        None => (decide(policy, registration, facts), Evidence::default()),
        Some(_) => decide_with_evidence(policy, registration, facts),
    };
    let shadow = app.shadow.as_ref();
    let shadow = shadow.and_then(|it| it.decide(registration, (found, facts.now), &decision));
    if let Some(seen) = &shadow {
        app.telemetry.shadow(seen.difference.as_str());
    }
    let answered = match &decision {
        Decision::Assigned(assignment) => {
            if assignment.reason == AssignedReason::StayUnlisted {
                note_unlisted(&app.policy, &assignment.hub_name);
            }
            assigned(assignment, context, recorder)
        }
        Decision::Refused(refusal) => Err(Problem::from(refusal).of(named, snapshot)),
        Decision::Unavailable(why) => {
            Err(Problem::unavailable(*why, row_findings).of(named, snapshot))
        }
    };
    let response = answered.unwrap_or_else(|problem| report(&problem, head, recorder));
    if let Some(line) = line.take() {
        let shadow = shadow.map(|seen| seen.record);
        line.decided(context, (&decision, evidence), shadow, &response);
    }
    response
}

/// Counts an assignment to a hub without a row, and warns of each such hub once.
fn note_unlisted(in_use: &PolicyInUse, hub: &str) {
    if in_use.note_unlisted(hub) {
        warn!(
            dps.hub = hub,
            "devices keep a hub that has no row; add one, with the state closed to empty the hub"
        );
    }
}

fn assigned(
    assignment: &Assignment<'_>,
    context: &Context<'_>,
    recorder: &mut Allocation<'_>,
) -> Result<Response, Problem> {
    let Context {
        snapshot, named, ..
    } = context;
    let reason = assignment.reason.as_str();
    debug!(
        dps.registration_id = &*named.registration,
        dps.tenant = assignment.tenant,
        dps.hub = &*assignment.hub_name,
        dps.reason = reason,
        dps.rollout = assignment.rollout,
        dps.policy_revision = &*snapshot.revision,
        "registration assigned"
    );
    let body = serde_json::to_vec(&assignment.response())
        .map_err(|error| Problem::new(Reason::Fault, error.to_string()))?;
    recorder.decided(&Decided {
        outcome: Outcome::Assigned,
        reason,
        registration_id: Some(&named.registration),
        enrollment_id: Some(&named.enrollment),
        tenant: assignment.tenant,
        hub: Some(&assignment.hub_name),
        rollout: assignment.rollout,
        policy_revision: Some(&snapshot.revision),
    });
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(REASON.clone(), HeaderValue::from_static(reason));
    with_revision(response, snapshot)
}
