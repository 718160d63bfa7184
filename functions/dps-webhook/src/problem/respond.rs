//! Problem documents (RFC 9457).

use std::borrow::Cow;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, header};
use serde::Serialize;

use super::model::Problem;
use crate::decision_id::DecisionId;
use crate::reason::Reason;

/// What a problem document says, which the answer carries to the decision log.
#[derive(Clone, Debug)]
pub(crate) struct Reported {
    pub(crate) reason: Reason,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) decision_id: DecisionId,
}

/// The members that RFC 9457 names, and two of our own.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    reason: &'a str,
    decision_id: &'a str,
}

impl Problem {
    /// Logs the problem once, and answers it.
    pub(crate) fn respond(&self, request: &Parts) -> Response<Body> {
        let decision_id = DecisionId::of(&request.headers);
        self.log(request.uri.path(), decision_id.as_str());
        let status = self.reason.status();
        let reason = self.reason.as_str();
        let document = Document {
            r#type: format!("urn:dps-allocator:{reason}"),
            title: self.reason.title(),
            status: status.as_u16(),
            detail: &self.detail,
            reason,
            decision_id: decision_id.as_str(),
        };
        // A structure of texts and a number always becomes JSON.
        let body = serde_json::to_vec(&document);
        let body = body.unwrap_or_else(|error| error.to_string().into_bytes());
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response.extensions_mut().insert(Reported {
            reason: self.reason,
            detail: self.detail.clone(),
            decision_id,
        });
        response
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use axum::http::Request;
    use dps_allocation::RefusedReason;
    use tracing::Level;

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Whether the event says the detail; the answer always does.
    #[track_caller]
    fn check(reason: RefusedReason, logged: bool) {
        let (log, detail) = (
            Log::default(),
            "`properties.desired.secret name` is too long",
        );
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::DEBUG)
            .with_writer(move || writer.clone());
        let problem = Problem::new(Reason::Refused(reason), detail);
        let response = tracing::subscriber::with_default(subscriber.finish(), || {
            problem.respond(&Request::new(()).into_parts().0)
        });
        assert_eq!(
            response.extensions().get::<Reported>().unwrap().detail,
            detail
        );
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(log.contains(reason.as_str()), "{log}");
        assert_eq!(log.contains("secret name"), logged, "{log}");
    }

    #[test]
    fn a_detail_that_may_quote_the_payload_is_not_logged() {
        check(RefusedReason::TwinInvalid, false);
        check(RefusedReason::NoEligibleHub, true);
    }
}
