//! `POST /api/explain`: the same request as `allocate`, answered with the whole reasoning.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use dps_telemetry::Allocation;

use super::{App, Asked, POLICY_REVISION, document};
use crate::problem::row_errors;

pub(super) async fn explain(State(app): State<Arc<App>>, request: Request) -> Response {
    app.answer(request, Allocation::untold(), |asked, _| Ok(answer(asked)))
        .await
}

/// A refusal is explained with 200 too: the question was why.
fn answer(asked: &Asked<'_>) -> Response {
    let snapshot = asked.snapshot;
    let mut explanation =
        dps_allocation::explain(&snapshot.policy, asked.registration, &asked.facts);
    if !asked.row_findings.is_empty() && explanation.detail.is_none() {
        explanation.detail = Some(row_errors(asked.row_findings).into_owned());
    }
    let mut response = document(&explanation);
    response
        .headers_mut()
        .insert(POLICY_REVISION.clone(), snapshot.revision.clone());
    response
}
