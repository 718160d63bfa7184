//! The routes of the webhook, and what they share.

mod allocate;
mod explain;
mod health;
pub(crate) mod path;
mod policy;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use axum::routing::{get, post};
use dps_allocation::{Facts, Finding, Registration};
use dps_telemetry::{Allocation, Guarded, Telemetry};
use futures_util::FutureExt as _;
use jiff::Timestamp;
use serde::Serialize;
use tower::ServiceExt as _;

use crate::body::{self, Room};
use crate::deadline::Deadline;
use crate::decision_id::invocation_id;
use crate::decision_log::DecisionLog;
use crate::devices::DeviceLookup;
use crate::envelope::{self, Notice};
use crate::front::{Front, is_for_this_machine};
use crate::keys::{Callers, Keys};
use crate::lines::Lines;
use crate::logged::{LoggedIds, Named};
use crate::policy::{PolicyInUse, Snapshot};
use crate::problem::Problem;
use crate::reason::Reason;
use crate::refresh::LooksOnDemand;
use crate::strangers::Strangers;
use path::{Prefix, canonical};

/// What every request shares.
#[derive(Debug)]
pub struct App {
    /// The policy that decides.
    pub policy: Arc<PolicyInUse>,
    /// Looks that requests wait for; none: a thread looks beside them.
    pub looks: Option<LooksOnDemand>,
    /// Rows of devices, where they do not come with the policy.
    pub devices: DeviceLookup,
    /// What is told of every allocation.
    pub telemetry: Telemetry,
    /// Where long bodies are read.
    pub room: Room,
    /// Longest time from a request's head to its answer.
    pub deadline: Duration,
    /// Where decisions are logged.
    pub log: DecisionLog,
    /// How logs and telemetry tell registration ids.
    pub ids: LoggedIds,
    /// Who hands over the requests.
    pub front: Front,
    /// Where callers without a key are told about; none: nowhere.
    pub lines: Option<Lines>,
}

/// What a decision is about.
struct Asked<'a> {
    snapshot: &'a Snapshot,
    registration: &'a Registration<'a>,
    /// How the registration is told.
    named: &'a Named,
    facts: Facts<'a>,
    /// What is wrong with the device's row.
    row_findings: &'a [Finding],
}

/// Which of the answer's headers names the policy that decided.
static POLICY_REVISION: HeaderName = HeaderName::from_static("dps-policy-revision");

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The whole webhook; without keys it is for whoever reaches it, or, where nobody stands before it,
/// for callers on this machine.
pub fn router(app: App, keys: Option<Keys>) -> Router {
    let front = app.front;
    let only_local = front.must_be_called_by_a_local_name(keys.is_some());
    let (dps, operators) = match keys {
        None => (Callers::Anyone, Callers::Anyone),
        Some(keys) => {
            let strangers = Strangers::new(app.telemetry.clone(), app.lines.clone());
            (
                Callers::holding(keys.allocate, strangers.clone()),
                Callers::holding(keys.operator, strangers),
            )
        }
    };
    let routes = Router::new()
        .route("/", get(async || ()))
        .route(
            "/api/allocate",
            dps.only(Guarded::Allocate, post(allocate::allocate)),
        )
        .route(
            "/api/explain",
            operators.only(Guarded::Explain, post(explain::explain)),
        )
        .route(
            "/api/policy",
            operators.only(Guarded::Policy, get(policy::policy)),
        )
        .route("/api/health", get(health::health))
        .fallback(async |State(app): State<Arc<App>>, request: Request| {
            let rule = "the routes are allocate, explain, policy and health, under /api or not";
            let problem = Problem::new(Reason::NoSuchRoute, rule);
            app.turn_away(request, problem).await
        })
        .method_not_allowed_fallback(async |State(app): State<Arc<App>>, request: Request| {
            let rule = "allocate and explain take POST, the others GET";
            let problem = Problem::new(Reason::MethodNotAllowed, rule);
            app.turn_away(request, problem).await
        })
        .with_state(Arc::new(app));
    let notice = Arc::new(Notice::new());
    Router::new().fallback(async move |mut request: Request| {
        front.strip(&mut request);
        if only_local && !is_for_this_machine(request.uri(), request.headers()) {
            return Problem::foreign_host().respond(&request.into_parts().0);
        }
        if let Some(uri) = canonical(request.uri(), Prefix::Api) {
            *request.uri_mut() = uri;
        }
        let uri = request.uri().clone();
        let answered = AssertUnwindSafe(routes.oneshot(request)).catch_unwind();
        let Ok(Ok(response)) = answered.await else {
            let (mut head, ()) = axum::http::Request::new(()).into_parts();
            head.uri = uri;
            return Problem::fault().respond(&head);
        };
        notice.answered(&response);
        response
    })
}

impl App {
    /// Finds out what a decision needs, and answers the request.
    async fn answer(
        &self,
        request: Request,
        mut told: Allocation<'_>,
        answer: impl FnOnce(&Asked<'_>, &mut Allocation<'_>) -> Result<Response, Problem>,
    ) -> Response {
        let deadline = Deadline::after(self.deadline);
        let (head, body) = request.into_parts();
        let answered = contain(self.try_answer((&head, body), deadline, &mut told, answer)).await;
        let response = answered.unwrap_or_else(|problem| {
            told.decided(&problem.decided());
            problem.respond(&head)
        });
        let status = response.status().as_u16();
        told.end(head.uri.path(), status, invocation_id(&head.headers));
        response
    }

    async fn try_answer(
        &self,
        (head, body): (&Parts, Body),
        deadline: Deadline,
        told: &mut Allocation<'_>,
        answer: impl FnOnce(&Asked<'_>, &mut Allocation<'_>) -> Result<Response, Problem>,
    ) -> Result<Response, Problem> {
        let body = body::read(&self.room, head, body, deadline).await?;
        self.look(deadline.half()).await;
        if self.policy.now().is_none() {
            self.policy.first_look(deadline).await;
        }
        let snapshot = self.policy.now();
        let snapshot = snapshot.as_deref().ok_or_else(Problem::no_policy)?;
        let registration = Registration::parse(&body).map_err(|malformed| {
            if envelope::is(&body) {
                Problem::not_forwarded()
            } else {
                malformed.into()
            }
        })?;
        let named = self.ids.of(&registration);
        let device = self
            .devices
            .find(snapshot, (&registration, &named), deadline.left(), told);
        let device = device.await;
        let (device, row_findings) = device.fact(snapshot, (&registration, &named));
        let facts = Facts {
            now: Timestamp::now(),
            device,
        };
        let asked = Asked {
            snapshot,
            registration: &registration,
            named: &named,
            facts,
            row_findings: &row_findings,
        };
        answer(&asked, told)
    }

    /// Answers what no route takes: with the problem, or with what is wrong with the host.
    async fn turn_away(&self, request: Request, problem: Problem) -> Response {
        let deadline = Deadline::after(self.deadline);
        let (head, body) = request.into_parts();
        if envelope::may_be(&head) {
            let body = body::read(&self.room, &head, body, deadline).await;
            if body.is_ok_and(|body| envelope::is(&body)) {
                return Problem::not_forwarded().respond(&head);
            }
        }
        problem.respond(&head)
    }

    /// Has the tables looked at, where nobody else does and it is time to.
    async fn look(&self, deadline: Deadline) {
        if let Some(looks) = &self.looks {
            looks.up_to_date(deadline).await;
        }
    }
}

/// The answer, or a problem where finding it panics: the connection must outlive a fault.
async fn contain(
    answer: impl Future<Output = Result<Response, Problem>>,
) -> Result<Response, Problem> {
    // What the panic leaves behind belongs to this request alone, or is behind a lock.
    let answered = AssertUnwindSafe(answer).catch_unwind().await;
    answered.unwrap_or_else(|_panic| Err(Problem::fault()))
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
mod tests;
