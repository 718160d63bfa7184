//! The routes of the webhook, under `/api` as the Functions host sends them, and without.

mod allocate;
mod explain;
mod health;
mod policy;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::Guard;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use axum::routing::{get, post};
use dps_allocation::{DeviceFact, DeviceRows, Facts, Registration};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

use crate::body;
use crate::policy::{PolicyInUse, Snapshot};
use crate::problem::Problem;
use crate::reason::Reason;

/// What every request shares.
#[derive(Debug)]
pub struct App {
    /// The policy that decides.
    pub policy: Arc<PolicyInUse>,
    /// Longest time from a request's head to its answer.
    pub deadline: Duration,
}

/// Which of the answer's headers names the policy that decided.
static POLICY_REVISION: HeaderName = HeaderName::from_static("dps-policy-revision");

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The whole webhook.
pub fn router(app: App) -> Router {
    let mut router = Router::new().route("/", get(async || ()));
    for prefix in ["/api", ""] {
        router = router
            .route(&format!("{prefix}/allocate"), post(allocate::allocate))
            .route(&format!("{prefix}/explain"), post(explain::explain))
            .route(&format!("{prefix}/policy"), get(policy::policy))
            .route(&format!("{prefix}/health"), get(health::health));
    }
    router
        .fallback(async |request: Request| {
            let rule = "the routes are allocate, explain, policy and health, under /api or not";
            Problem::new(Reason::NoSuchRoute, rule).respond(&request.into_parts().0)
        })
        .method_not_allowed_fallback(async |request: Request| {
            let rule = "allocate and explain take POST, the others GET";
            Problem::new(Reason::MethodNotAllowed, rule).respond(&request.into_parts().0)
        })
        .with_state(Arc::new(app))
}

impl App {
    /// Waits for what a decision needs: the whole body and a policy.
    async fn accept(&self, body: Body) -> Result<(Bytes, Guard<Option<Arc<Snapshot>>>), Problem> {
        let deadline = Instant::now() + self.deadline;
        let body = body::read(body, deadline).await?;
        if self.policy.now().is_none() {
            self.policy.first_look(deadline).await;
        }
        Ok((body, self.policy.now()))
    }
}

/// What the outside supplies for a decision: the time, and the device's row if it is asked for.
fn facts<'s>(snapshot: &'s Snapshot, registration: &Registration<'_>) -> Facts<'s> {
    let device = match snapshot.policy.device_rows(registration) {
        DeviceRows::Off => DeviceFact::NotRead,
        DeviceRows::Optional | DeviceRows::Required => snapshot
            .policy
            .device(&registration.id)
            .map_or(DeviceFact::Missing, DeviceFact::Row),
    };
    Facts {
        now: Timestamp::now(),
        device,
    }
}

/// Answers `answer`, or a problem where it panics: the connection must outlive a fault.
fn contain(answer: impl FnOnce() -> Result<Response, Problem>) -> Result<Response, Problem> {
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_panic| {
        Err(Problem::new(
            Reason::Fault,
            "the program has a fault; its stderr says where",
        ))
    })
}

/// A JSON document for people: indented, and a whole line at its end.
fn document(document: &impl Serialize) -> Response {
    let mut body = serde_json::to_vec_pretty(document).unwrap_or_default();
    body.push(b'\n');
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_answered() {
        let request = axum::http::Request::new(()).into_parts().0;
        let problem = contain(|| panic!("a fault, on purpose")).unwrap_err();
        assert_eq!(problem.respond(&request).status(), 500);
        assert_eq!(contain(|| Ok(Response::default())).unwrap().status(), 200);
    }
}
