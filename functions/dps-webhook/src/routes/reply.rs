//! What the answers of several routes have in common.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, Response, header};
use jiff::Timestamp;
use serde::Serialize;

use crate::policy::Snapshot;
use crate::problem::Problem;
use crate::reason::Reason;

/// The header with the revision of the policy that decided.
static POLICY_REVISION: HeaderName = HeaderName::from_static("dps-policy-revision");

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Adds [`POLICY_REVISION`] to an answer.
pub(super) fn with_revision(
    mut response: Response<Body>,
    snapshot: &Snapshot,
) -> Result<Response<Body>, Problem> {
    let revision = HeaderValue::from_str(&snapshot.revision)
        .map_err(|error| Problem::new(Reason::Fault, error.to_string()))?;
    response
        .headers_mut()
        .insert(POLICY_REVISION.clone(), revision);
    Ok(response)
}

/// A JSON document for people: indented, with a line break at its end.
pub(super) fn document(document: &impl Serialize) -> Response<Body> {
    let mut body = match serde_json::to_vec_pretty(document) {
        Ok(body) => body,
        Err(error) => {
            let (head, ()) = Request::new(()).into_parts();
            return Problem::new(Reason::Fault, error.to_string()).respond(&head);
        }
    };
    body.push(b'\n');
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// A time in a document.
pub(super) fn rfc3339(time: Timestamp) -> String {
    format!("{time:.3}")
}
