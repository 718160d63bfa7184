//! `POST /api/allocate`: DPS asks which hub a device belongs to.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use dps_allocation::{Assignment, Decision, Facts, Registration, decide};
use tracing::debug;

use super::{App, JSON, POLICY_REVISION};
use crate::policy::Snapshot;
use crate::problem::Problem;
use crate::reason::Reason;

/// Which step chose the hub, for whoever tries the webhook by hand.
static REASON: HeaderName = HeaderName::from_static("dps-reason");

pub(super) async fn allocate(State(app): State<Arc<App>>, request: Request) -> Response {
    app.answer(request, answer).await
}

fn answer(
    snapshot: &Snapshot,
    registration: &Registration<'_>,
    facts: &Facts<'_>,
) -> Result<Response, Problem> {
    match decide(&snapshot.policy, registration, facts) {
        Decision::Assigned(assignment) => assigned(&assignment, registration, snapshot),
        Decision::Refused(refusal) => Err(Problem::from(refusal).of(registration, snapshot)),
        Decision::Unavailable(why) => Err(Problem::from(why).of(registration, snapshot)),
    }
}

fn assigned(
    assignment: &Assignment<'_>,
    registration: &Registration<'_>,
    snapshot: &Snapshot,
) -> Result<Response, Problem> {
    let reason = assignment.reason.as_str();
    debug!(
        dps.registration_id = registration.id.as_str(),
        dps.tenant = assignment.tenant,
        dps.hub = assignment.hub,
        dps.reason = reason,
        dps.rollout = assignment.rollout,
        dps.policy_revision = ?snapshot.revision,
        "registration assigned"
    );
    let body = serde_json::to_vec(&assignment.response())
        .map_err(|error| Problem::new(Reason::Fault, error.to_string()))?;
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(REASON.clone(), HeaderValue::from_static(reason));
    headers.insert(POLICY_REVISION.clone(), snapshot.revision.clone());
    Ok(response)
}
