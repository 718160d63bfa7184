//! The same endpoints as a function of AWS Lambda.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::HeaderValue;
use lambda_http::{Request, RequestExt as _};
use tokio::runtime;
use tower::service_fn;
use tracing::info;

use crate::decision_id::INVOCATION_ID;
use crate::front::Front;
use crate::lines::Lines;
use crate::open::{Opened, log_destinations, open};
use crate::refresh::PollsOnDemand;
use crate::routes::Endpoints;
use crate::routes::path::{Prefix, canonical};
use crate::serve_error::ServeError;
use crate::settings::Settings;

/// Longest time that an answer is held back for telemetry and lines; it counts towards the deadline.
///
/// The process is frozen once it has answered; what is not sent by then goes with the next request.
const FLUSH: Duration = Duration::from_millis(500);

/// The flush takes at most this part of the deadline.
const FLUSH_PART: u32 = 4;

/// Answers requests until Lambda ends the process; decisions are logged to `lines`.
///
/// # Errors
/// [`ServeError`] when the function cannot start, or the runtime API gives no more requests.
pub fn run_on_lambda(settings: Settings, lines: &Lines) -> Result<(), ServeError> {
    // Lambda gives a process one request at a time.
    runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(answer_all(settings, lines))
}

async fn answer_all(settings: Settings, lines: &Lines) -> Result<(), ServeError> {
    let Opened {
        mut app, refresh, ..
    } = open(&settings, lines.clone())?;
    info!(policy = app.policy.source(), "answering for AWS Lambda");
    log_destinations(&settings);
    let polls = PollsOnDemand::new(refresh, settings.refresh);
    polls.begin();
    app.front = Front::Lambda;
    app.polls = Some(polls);
    let flush = FLUSH.min(settings.deadline / FLUSH_PART);
    app.deadline = settings.deadline.saturating_sub(flush);
    let telemetry = app.telemetry.clone();
    let endpoints = Endpoints::new(app, settings.keys);
    let answer = |request: Request| {
        let endpoints = endpoints.clone();
        let (telemetry, lines) = (telemetry.clone(), lines.clone());
        async move {
            let answered = endpoints.answer(for_endpoints(request)).await;
            let begin = Instant::now();
            let left = || flush.saturating_sub(begin.elapsed());
            // Lines first: a collector that does not answer uses up all of the time.
            lines.flush(left());
            telemetry.flush(left());
            lines.flush(left());
            Ok::<_, Infallible>(answered)
        }
    };
    lambda_http::run(service_fn(answer))
        .await
        .map_err(ServeError::Lambda)
}

/// The request as the Functions host would have sent it.
pub(crate) fn for_endpoints(request: Request) -> axum::http::Request<Body> {
    let uri = canonical(request.uri(), Prefix::Any);
    let invocation = request.lambda_context_ref();
    let invocation = invocation.and_then(|it| HeaderValue::from_str(&it.request_id).ok());
    let mut request = request.map(Body::new);
    if let Some(uri) = uri {
        *request.uri_mut() = uri;
    }
    // The id of the decision is that of Lambda's own log lines; a caller must not choose it.
    request.headers_mut().remove(&INVOCATION_ID);
    if let Some(invocation) = invocation {
        request
            .headers_mut()
            .insert(INVOCATION_ID.clone(), invocation);
    }
    request
}
