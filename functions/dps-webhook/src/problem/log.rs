//! One event for each problem.

use std::borrow::Cow;

use tracing::{debug, warn};

use super::model::Problem;
use crate::reason::Reason;

impl Problem {
    /// Texts are quoted, so that they stay on the event's line; the query holds a key.
    pub(super) fn log(&self, path: &str, decision_id: &str) {
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
            // Any caller can cause any number of these: `RejectedCallers` and `Notice` report them.
            Reason::Unauthorized => log!(debug, "caller refused"),
            Reason::NotForwarded => log!(debug, "request not forwarded"),
            // The decision log has a line for it.
            Reason::Refused(_) | Reason::BodyTooLarge => log!(debug, "registration refused"),
            _ => log!(warn, "registration not decided"),
        }
    }
}
