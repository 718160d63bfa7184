//! What is wrong, and with which registration.

use std::borrow::Cow;

use dps_allocation::{Finding, MalformedRequest, Refusal, RefusedReason, Unavailable};
use dps_telemetry::Decided;

use crate::logged::Named;
use crate::policy::Snapshot;
use crate::reason::Reason;

/// An answer other than 200.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(super) reason: Reason,
    /// One sentence for the operator; quotes no value of the request's body.
    pub(super) detail: Cow<'static, str>,
    tenant: Option<Box<str>>,
    pub(super) about: Option<Box<About>>,
}

/// What the log says of the registration besides the reason.
#[derive(Debug)]
pub(super) struct About {
    pub(super) named: Named<'static>,
    pub(super) policy_revision: String,
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

    /// The caller uses a name that may belong to another machine too.
    pub(crate) fn foreign_host() -> Self {
        Self::new(
            Reason::ForeignHost,
            "without keys the webhook answers only calls to localhost, 127.0.0.1 or [::1]; set \
             `ALLOCATE_KEY_1` where it is called by another name",
        )
    }

    /// The program has panicked; the message is on stderr.
    pub(crate) fn fault() -> Self {
        Self::new(
            Reason::Fault,
            "the program has a fault; its stderr says where",
        )
    }

    /// The same problem, with the registration that has it.
    pub(crate) fn of(self, named: &Named<'_>, snapshot: &Snapshot) -> Self {
        let about = About {
            named: named.to_static(),
            policy_revision: snapshot.revision.to_string(),
        };
        Self {
            about: Some(Box::new(about)),
            ..self
        }
    }

    /// For telemetry.
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

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        Self {
            tenant: refusal.tenant.clone(),
            ..Self::new(Reason::Refused(refusal.reason), refusal.detail.clone())
        }
    }
}
