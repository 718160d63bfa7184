//! `POST /api/explain`: the same request as `allocate`, answered with the whole reasoning.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use dps_allocation::Registration;

use super::{App, POLICY_REVISION, contain, document, facts};
use crate::policy::Snapshot;
use crate::problem::Problem;

pub(super) async fn explain(State(app): State<Arc<App>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let answer = match app.accept(body).await {
        Ok((body, snapshot)) => contain(|| answer(&body, snapshot.as_deref())),
        Err(problem) => Err(problem),
    };
    answer.unwrap_or_else(|problem| problem.respond(&head))
}

/// A refusal is explained with 200 too: the question was why.
fn answer(body: &[u8], snapshot: Option<&Snapshot>) -> Result<Response, Problem> {
    let snapshot = snapshot.ok_or_else(Problem::no_policy)?;
    let registration = Registration::parse(body)?;
    let facts = facts(snapshot, &registration);
    let explanation = dps_allocation::explain(&snapshot.policy, &registration, &facts);
    let mut response = document(&explanation);
    response
        .headers_mut()
        .insert(POLICY_REVISION.clone(), snapshot.revision.clone());
    Ok(response)
}
