//! The same router as a function of AWS Lambda.

use std::time::Duration;

use axum::body::Body;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Uri};
use lambda_http::tower::{ServiceExt as _, service_fn};
use lambda_http::{Request, RequestExt as _};
use tokio::runtime;
use tracing::info;

use crate::decision_id::INVOCATION_ID;
use crate::lines::Lines;
use crate::refresh::LooksOnDemand;
use crate::routes::router;
use crate::serve::{self, ServeError};
use crate::settings::Settings;

/// Longest time that an answer is held back for telemetry.
///
/// The process is frozen once it has answered; what is not sent by then goes with the next request.
const FLUSH: Duration = Duration::from_millis(500);

/// Answers requests until Lambda ends the process; decisions are logged among `lines`.
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
    let (mut app, refresh) = serve::open(&settings, lines.clone())?;
    info!(policy = app.policy.source(), "answering for AWS Lambda");
    let looks = LooksOnDemand::new(refresh, settings.refresh);
    looks.begin();
    app.looks = Some(looks);
    let telemetry = app.telemetry.clone();
    let router = router(app, settings.keys);
    let answer = |request: Request| {
        let router = router.clone();
        let (telemetry, lines) = (telemetry.clone(), lines.clone());
        async move {
            let answered = router.oneshot(for_router(request)).await;
            telemetry.flush(FLUSH);
            lines.flush(FLUSH);
            answered
        }
    };
    lambda_http::run(service_fn(answer))
        .await
        .map_err(ServeError::Lambda)
}

/// The request as the Functions host would have sent it.
fn for_router(request: Request) -> axum::http::Request<Body> {
    let uri = without_stage(request.uri());
    let invocation = request.lambda_context_ref();
    let invocation = invocation.and_then(|it| HeaderValue::from_str(&it.request_id).ok());
    let mut request = request.map(Body::new);
    *request.uri_mut() = uri;
    // The decision has the name by which Lambda's own lines are found; no caller chooses it.
    request.headers_mut().remove(&INVOCATION_ID);
    if let Some(invocation) = invocation {
        request
            .headers_mut()
            .insert(INVOCATION_ID.clone(), invocation);
    }
    request
}

/// Without what stands before `/api`: the stage of an API, or what a domain maps it to.
fn without_stage(uri: &Uri) -> Uri {
    let at = uri.path().find("/api/");
    let whole = uri.path_and_query().map(PathAndQuery::as_str);
    let rest = at.zip(whole).and_then(|(at, whole)| whole.get(at..));
    rest.and_then(|rest| rest.parse().ok())
        .unwrap_or_else(|| uri.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(uri: &str, expected: &str) {
        assert_eq!(without_stage(&uri.parse().unwrap()), expected);
    }

    #[test]
    fn a_stage_is_left_out() {
        let host = "https://abc.execute-api.eu-west-1.amazonaws.com";
        check(
            &format!("{host}/prod/api/allocate?code=1"),
            "/api/allocate?code=1",
        );
        check(&format!("{host}/v1/dps/api/policy"), "/api/policy");
        check(&format!("{host}/api/health"), "/api/health");
        check(
            "/api/allocate?next=/prod/api/policy",
            "/api/allocate?next=/prod/api/policy",
        );
    }

    #[test]
    fn other_paths_stay() {
        check("/allocate?code=/api/explain", "/allocate?code=/api/explain");
        check("/prod/api", "/prod/api");
        check("/", "/");
    }
}
