//! `GET /api/health`: whether requests are decided, for every caller; nothing about tenants.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

use super::reply::document;
use crate::app::App;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Health {
    status: &'static str,
    revision: Option<String>,
    /// Seconds since the store was last seen to hold the policy in use.
    age_seconds: Option<i64>,
    /// Whether the store is in the middle of a push; left out if not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    push_under_way: bool,
    /// Decisions since the start that let a device keep a hub without a row; left out if none.
    #[serde(skip_serializing_if = "is_zero")]
    stay_unlisted: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

pub(super) async fn health(State(app): State<Arc<App>>) -> Response {
    let (now, status) = (Timestamp::now(), app.policy.status());
    let snapshot = app.policy.now();
    let health = Health {
        status: match &*snapshot {
            None => "noPolicy",
            Some(_) if app.policy.is_stale(&status, now) => "stale",
            Some(_) => "ok",
        },
        revision: snapshot.as_ref().map(|it| it.revision.to_string()),
        age_seconds: status
            .confirmed
            .map(|at| now.duration_since(at).as_secs().max(0)),
        push_under_way: status.push.is_some(),
        stay_unlisted: app.policy.unlisted_stays(),
    };
    let mut response = document(&health);
    if snapshot.is_none() {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}
