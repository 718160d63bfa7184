//! The routes of the webhook.

mod allocate;
mod explain;
mod health;
pub(crate) mod path;
mod policy;
mod reply;
mod telemetry;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use dps_telemetry::Guarded;
use futures_util::FutureExt as _;
use tower::ServiceExt as _;

use crate::app::App;
use crate::envelope::Notice;
use crate::front::{Front, is_for_this_machine};
use crate::keys::{Guard, Keys, guarded};
use crate::problem::Problem;
use crate::reason::Reason;
use crate::rejected::RejectedCallers;
use path::{Prefix, canonical};

/// The whole webhook; clones share it.
///
/// It does without the limits of `tower-http` (body, time, panics), whose answers are not problem
/// documents with the id of the decision.
#[derive(Clone, Debug)]
pub struct Endpoints {
    front: Front,
    /// Whether only this machine may call. Then the name that is called must be local, too: a web
    /// page could let its own name point here (DNS rebinding) and call through a browser.
    only_local: bool,
    routes: Router,
    notice: Arc<Notice>,
}

impl Endpoints {
    /// Without keys, any caller may use them; with nothing in front ([`Front::Direct`]), any caller
    /// on this machine.
    #[must_use]
    pub fn new(app: App, keys: Option<Keys>) -> Self {
        let front = app.front;
        Self {
            front,
            only_local: front == Front::Direct && keys.is_none(),
            routes: router(app, keys),
            notice: Arc::new(Notice::new()),
        }
    }

    /// Answers a request, even if its handler panics.
    pub async fn answer(self, mut request: Request) -> Response {
        self.front.strip(&mut request);
        if self.only_local && !is_for_this_machine(request.uri(), request.headers()) {
            return Problem::foreign_host().respond(&request.into_parts().0);
        }
        // Not a layer: the router would have chosen a route before.
        if let Some(uri) = canonical(request.uri(), Prefix::Api) {
            *request.uri_mut() = uri;
        }
        let uri = request.uri().clone();
        let answered = AssertUnwindSafe(self.routes.oneshot(request)).catch_unwind();
        let Ok(Ok(response)) = answered.await else {
            let (mut head, ()) = axum::http::Request::new(()).into_parts();
            head.uri = uri;
            return Problem::fault().respond(&head);
        };
        self.notice.answered(&response);
        response
    }
}

fn router(app: App, keys: Option<Keys>) -> Router {
    let guards = keys.map(|keys| {
        let rejected = RejectedCallers::new(app.telemetry.clone(), app.lines.clone());
        [keys.allocate, keys.operator].map(|keys| Guard::new(keys, &rejected))
    });
    let (dps, operators) = match &guards {
        None => (None, None),
        Some([dps, operators]) => (Some(dps), Some(operators)),
    };
    Router::new()
        .route("/", get(async || ()))
        .route(
            "/api/allocate",
            guarded(dps, Guarded::Allocate, post(allocate::allocate)),
        )
        .route(
            "/api/explain",
            guarded(operators, Guarded::Explain, post(explain::explain)),
        )
        .route(
            "/api/policy",
            guarded(operators, Guarded::Policy, get(policy::policy)),
        )
        .route("/api/health", get(health::health))
        .fallback(async |State(app): State<Arc<App>>, request: Request| {
            let rule = "the routes are allocate, explain, policy and health, with or without /api";
            let problem = Problem::new(Reason::NoSuchRoute, rule);
            app.turn_away(request, problem).await
        })
        .method_not_allowed_fallback(async |State(app): State<Arc<App>>, request: Request| {
            let rule = "allocate and explain expect POST, the others GET";
            let problem = Problem::new(Reason::MethodNotAllowed, rule);
            app.turn_away(request, problem).await
        })
        .with_state(Arc::new(app))
}

#[cfg(test)]
mod tests;
