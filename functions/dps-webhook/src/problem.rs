//! Answers other than 200, as problem documents (RFC 9457).

use std::borrow::Cow;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, header};
use dps_allocation::{Finding, MalformedRequest, Refusal, RefusedReason, Unavailable};
use dps_telemetry::Decided;
use serde::Serialize;
use tracing::{debug, warn};

use crate::decision_id::decision_id;
use crate::decision_log::Told;
use crate::logged::Named;
use crate::policy::Snapshot;
use crate::reason::Reason;

/// An answer other than 200.
#[derive(Debug)]
pub(crate) struct Problem {
    reason: Reason,
    /// One sentence for the operator; quotes no value of the request's body.
    detail: Cow<'static, str>,
    tenant: Option<Box<str>>,
    about: Option<Box<About>>,
}

/// What the log says of the registration besides the reason.
#[derive(Debug)]
struct About {
    named: Named,
    policy_revision: String,
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
    pub(crate) fn new(reason: Reason, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            reason,
            detail: detail.into(),
            tenant: None,
            about: None,
        }
    }

    pub(crate) fn no_policy() -> Self {
        Self::new(
            Reason::NoPolicy,
            "the config tables have not been read, or are refused",
        )
    }

    /// The engine cannot decide now; `row` says what is wrong with the device's row.
    pub(crate) fn unavailable(reason: Unavailable, row: &[Finding]) -> Self {
        let detail = match reason {
            Unavailable::StoreUnavailable => "the device's row could not be read".into(),
            Unavailable::DeviceRowInvalid => row_errors(row),
        };
        Self::new(Reason::Unavailable(reason), detail)
    }

    /// The body is an envelope of a Functions host.
    pub(crate) fn not_forwarded() -> Self {
        Self::new(
            Reason::NotForwarded,
            "the Functions host sent an envelope; set `customHandler.enableProxyingHttpRequest` \
             and `customHandler.enableForwardingHttpRequest` to true in host.json",
        )
    }

    /// The caller uses a name of this machine that may be somebody else's.
    pub(crate) fn foreign_host() -> Self {
        Self::new(
            Reason::ForeignHost,
            "without keys the webhook answers only calls to localhost, 127.0.0.1 or [::1]; set \
             `ALLOCATE_KEY_1` where it is called by another name",
        )
    }

    /// The program has panicked, which its stderr tells.
    pub(crate) fn fault() -> Self {
        Self::new(
            Reason::Fault,
            "the program has a fault; its stderr says where",
        )
    }

    /// The same problem, with the registration that has it.
    pub(crate) fn of(self, named: &Named, snapshot: &Snapshot) -> Self {
        let about = About {
            named: named.clone(),
            policy_revision: snapshot.policy.revision().to_string(),
        };
        Self {
            about: Some(Box::new(about)),
            ..self
        }
    }

    /// What telemetry is told.
    pub(crate) fn decided(&self) -> Decided<'_> {
        let about = self.about.as_deref();
        Decided {
            outcome: self.reason.outcome(),
            reason: self.reason.as_str(),
            registration_id: about.map(|it| &*it.named.registration),
            enrollment_id: about.map(|it| &*it.named.enrollment),
            tenant: self.tenant.as_deref(),
            hub: None,
            rollout: None,
            policy_revision: about.map(|it| &*it.policy_revision),
        }
    }

    /// Logs the problem once, and answers it.
    pub(crate) fn respond(&self, request: &Parts) -> Response<Body> {
        let decision_id = decision_id(&request.headers);
        self.log(request.uri.path(), &decision_id);
        let status = self.reason.status();
        let reason = self.reason.as_str();
        let document = Document {
            r#type: format!("urn:dps-allocator:{reason}"),
            title: self.reason.title(),
            status: status.as_u16(),
            detail: &self.detail,
            reason,
            decision_id: &decision_id,
        };
        // A structure of texts and a number always becomes JSON.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response.extensions_mut().insert(Told {
            reason: self.reason,
            detail: self.detail.clone(),
            decision_id,
        });
        response
    }

    /// Texts are quoted, so that they stay on the event's line; the query holds a key.
    fn log(&self, path: &str, decision_id: &str) {
        let about = self.about.as_deref();
        let registration_id = about.map(|it| &*it.named.registration);
        let enrollment_id = about.map(|it| &*it.named.enrollment);
        let policy_revision = about.map(|it| &*it.policy_revision);
        let detail = about.map_or(Cow::Borrowed(&*self.detail), |it| {
            it.named.hide(&self.detail)
        });
        let detail = Some(&*detail).filter(|_| !self.reason.quotes_payload());
        macro_rules! log {
            ($level:ident, $message:literal) => {
                $level!(
                    dps.reason = self.reason.as_str(),
                    dps.registration_id = registration_id,
                    dps.enrollment_id = enrollment_id,
                    dps.policy_revision = policy_revision,
                    dps.decision_id = decision_id,
                    url.path = path,
                    detail,
                    $message
                )
            };
        }
        match self.reason {
            Reason::NoSuchRoute | Reason::MethodNotAllowed | Reason::ForeignHost => {
                log!(debug, "not a webhook call");
            }
            // Whoever reaches the webhook can have as many as they like: counted, and told about
            // by `Strangers` and `Notice`.
            Reason::Unauthorized => log!(debug, "caller refused"),
            Reason::NotForwarded => log!(debug, "request not forwarded"),
            // The decision log has a line for it.
            Reason::Refused(_) | Reason::BodyTooLarge => log!(debug, "registration refused"),
            _ => log!(warn, "registration not decided"),
        }
    }
}

/// What is wrong with the row of a device, in one sentence.
pub(crate) fn row_errors(findings: &[Finding]) -> Cow<'static, str> {
    match findings {
        [] => "the device's row has errors".into(),
        [only] => only.to_string().into(),
        [first, more @ ..] => format!("{first} (and {} more; see the log)", more.len()).into(),
    }
}

impl From<MalformedRequest> for Problem {
    fn from(error: MalformedRequest) -> Self {
        Self::new(
            Reason::Refused(RefusedReason::MalformedRequest),
            error.to_string(),
        )
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self {
            tenant: refusal.tenant,
            ..Self::new(Reason::Refused(refusal.reason), refusal.detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use axum::http::Request;
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
        assert_eq!(response.extensions().get::<Told>().unwrap().detail, detail);
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
