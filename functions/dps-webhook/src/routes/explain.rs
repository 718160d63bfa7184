//! `POST /api/explain`: the same request as `allocate`, answered with the whole reasoning.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use dps_allocation::{Facts, Registration};

use super::{App, POLICY_REVISION, document};
use crate::policy::Snapshot;

pub(super) async fn explain(State(app): State<Arc<App>>, request: Request) -> Response {
    app.answer(request, |snapshot, registration, facts| {
        Ok(answer(snapshot, registration, facts))
    })
    .await
}

/// A refusal is explained with 200 too: the question was why.
fn answer(snapshot: &Snapshot, registration: &Registration<'_>, facts: &Facts<'_>) -> Response {
    let explanation = dps_allocation::explain(&snapshot.policy, registration, facts);
    let mut response = document(&explanation);
    response
        .headers_mut()
        .insert(POLICY_REVISION.clone(), snapshot.revision.clone());
    response
}
