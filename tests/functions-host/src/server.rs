//! What a caller meets: the host's own answers, then the way to the handler.
//!
//! Section 3 of the reference ("Other statuses made by the host");
//! `FunctionInvocationMiddleware.cs`, `HostAvailabilityCheckMiddleware.cs`,
//! `HomepageMiddleware.cs`, `ExceptionMiddleware.cs`. Function keys are checked after the route
//! and before anything else. A host that has stopped goes on answering 503 here, where the real
//! one ends its process and the platform answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::body::{content_length, download};
use crate::dispatcher::{self, Dispatcher};
use crate::function::{self, Function};
use crate::host_json::Mode;
use crate::invocation::Invocation;
use crate::key::{Auth, Level};
use crate::relay::Relay;

const HOME_PAGE: &str =
    "<!DOCTYPE html><title>Functions</title>Your Functions app is up and running";

/// Everything a request needs.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) functions: Vec<Function>,
    pub(crate) auth: Auth,
    pub(crate) mode: Mode,
    pub(crate) relay: Relay,
    pub(crate) dispatcher: Dispatcher,
    pub(crate) function_timeout: Option<Duration>,
}

/// One fallback: the host's routes are data, not known to the program.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new().fallback(serve).with_state(app)
}

async fn serve(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (method, path) = (request.method(), request.uri().path());
    if app.dispatcher.state() == dispatcher::State::Stopped {
        return not_running();
    }
    let pings = [Method::GET, Method::POST].contains(method);
    if pings && path.eq_ignore_ascii_case("/admin/host/ping") {
        return [(CACHE_CONTROL, "no-store")].into_response();
    }
    match function::find(&app.functions, method.as_str(), path) {
        Some(function) => app.call(function, peer, request).await,
        None if path == "/" => ([(CONTENT_TYPE, "text/html")], HOME_PAGE).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl App {
    async fn call(&self, function: &Function, peer: SocketAddr, request: Request) -> Response {
        let query = request.uri().query().unwrap_or_default();
        let granted = self.auth.granted(request.headers(), query, &function.name);
        if !granted.permits(function.level) {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        if function.disabled && granted != Level::Admin {
            return StatusCode::NOT_FOUND.into_response();
        }
        let length = content_length(request.headers()).unwrap_or_default();
        if usize::try_from(length).is_ok_and(|length| length > self.relay.body_limit) {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        }
        let limit = self.function_timeout;
        let log = &self.relay.log;
        let mut invocation = Invocation::start(&function.name, limit, &self.dispatcher, log);
        if !self.dispatcher.ready().await {
            invocation.failed(&"function host is not running");
            return not_running();
        }
        let id = invocation.id;
        let answer = async {
            match self.mode {
                Mode::Proxy => self.relay.proxy(request, peer.ip(), id).await,
                Mode::Forward => self.relay.forward(request, id).await,
            }
        };
        let error = tokio::select! {
            biased;
            () = invocation.expired() => "function timeout".to_owned(),
            answer = answer => match answer {
                Ok((response, activity)) => {
                    return response.map(|body| download(body, activity, invocation));
                }
                Err(error) => error.to_string(),
            },
        };
        invocation.failed(&error);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

fn not_running() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        Body::from("Function host is not running."),
    )
        .into_response()
}
