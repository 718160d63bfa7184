//! `POST /api/explain`: the same request as `allocate`, answered with the whole reasoning.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use dps_telemetry::Allocation;

use super::reply::{document, with_revision};
use crate::app::App;
use crate::context::Context;
use crate::problem::{Problem, row_errors};

pub(super) async fn explain(State(app): State<Arc<App>>, request: Request) -> Response {
    app.answer(request, Allocation::unrecorded(), |context, _| {
        answer(context)
    })
    .await
}

/// A refusal is explained with 200 too, because the request asks for the reasons.
fn answer(context: &Context<'_>) -> Result<Response, Problem> {
    let snapshot = context.snapshot;
    let mut explanation =
        dps_allocation::explain(&snapshot.policy, context.registration, &context.facts);
    if !context.row_findings.is_empty() && explanation.detail.is_none() {
        explanation.detail = Some(row_errors(context.row_findings).into_owned());
    }
    with_revision(document(&explanation), snapshot)
}
