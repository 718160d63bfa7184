//! What a caller meets: the host's own answers, then the way to the handler.
//!
//! Section 3 of the reference ("Other statuses made by the host");
//! `FunctionInvocationMiddleware.cs`, `HostAvailabilityCheckMiddleware.cs`,
//! `HomepageMiddleware.cs`, `ExceptionMiddleware.cs`. Function keys are checked after the route
//! and before anything else.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA, SERVER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::body::{content_length, download};
use crate::dispatcher::Dispatcher;
use crate::function::{self, Function};
use crate::head;
use crate::host_json::Mode;
use crate::invocation::{Invocation, Limit};
use crate::key::{Auth, Level};
use crate::relay::{Relay, RelayError};

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
    pub(crate) limit: Option<Limit>,
}

/// Answers one request; the web server adds its name.
pub(crate) async fn serve(app: &App, peer: SocketAddr, request: Request) -> Response {
    let mut response = match head::read(request) {
        Ok(request) => app.answer(peer, request).await,
        Err(status) => head::closing(status),
    };
    let server = response.headers_mut().entry(SERVER);
    server.or_insert(HeaderValue::from_static("Kestrel"));
    response
}

impl App {
    async fn answer(&self, peer: SocketAddr, request: Request) -> Response {
        let (method, path) = (request.method(), request.uri().path());
        if let Some(answer) = self.own(&request) {
            return answer;
        }
        match function::find(&self.functions, method.as_str(), path) {
            Some(function) => self.call(function, peer, request).await,
            None if path == "/" => ([(CONTENT_TYPE, "text/html")], HOME_PAGE).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }

    /// What is below `/admin` and `/runtime`; `None`: another path.
    fn own(&self, request: &Request) -> Option<Response> {
        let path = request.uri().path().to_ascii_lowercase();
        let pings = [Method::GET, Method::POST].contains(request.method());
        if pings && path == "/admin/host/ping" {
            let headers = [(CACHE_CONTROL, "no-store,no-cache"), (PRAGMA, "no-cache")];
            return Some(headers.into_response());
        }
        let inside = |folder: &str| path == folder || path.starts_with(&format!("{folder}/"));
        if !["/admin", "/runtime"].into_iter().any(inside) {
            return None;
        }
        let query = request.uri().query().unwrap_or_default();
        Some(match self.auth.granted(request.headers(), query, "") {
            Level::Admin => StatusCode::NOT_FOUND.into_response(),
            Level::Anonymous | Level::Function => {
                let challenge = [(WWW_AUTHENTICATE, "Bearer")];
                (StatusCode::UNAUTHORIZED, challenge).into_response()
            }
        })
    }

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
            // Kestrel's own 413 becomes an exception of the host.
            return head::closing(StatusCode::INTERNAL_SERVER_ERROR);
        }
        let log = &self.relay.log;
        let mut invocation = Invocation::start(&function.name, self.limit, &self.dispatcher, log);
        let id = invocation.id;
        let answer = async {
            if !self.dispatcher.ready().await {
                return Err(RelayError::NotRunning);
            }
            // The flags are for functions with one HTTP trigger, one HTTP output and nothing else.
            let mode = if function.http_only {
                self.mode
            } else {
                Mode::Envelope
            };
            match mode {
                Mode::Envelope => self.relay.envelope(request, function, id).await,
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
                Err(error @ RelayError::NotRunning) => {
                    invocation.failed(&error);
                    return not_running();
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
