//! What a line of a log says of a prediction.

use dps_allocation::{DecisionRecord, HubName};
use jiff::Timestamp;

use super::assumption::Assumption;
use super::devices::DeviceKey;
use super::question::Question;
use crate::fleet::LineFault;
use crate::flow::{Destination, Route};

/// What a line of a log says.
pub(super) enum Line {
    /// A decision by the revision, within its time.
    Decision(Decided),
    Other(Other),
    Fault(LineFault),
}

/// A line that does not count.
pub(super) enum Other {
    /// By another revision, or at another time.
    Revision,
    /// The device was to try again.
    Unanswered,
    NoDecision,
}

/// What a registration has led to.
pub(super) struct Decided {
    pub(super) device: DeviceKey,
    /// Whether the log has a hash in place of the id.
    pub(super) is_hidden: bool,
    pub(super) at: Timestamp,
    pub(super) route: Route,
    pub(super) contradicts: Vec<Assumption>,
}

impl Line {
    pub(super) fn of(question: &Question<'_>, record: &DecisionRecord<'_>) -> Self {
        let revision = record.revision.as_deref().and_then(|it| it.parse().ok());
        let is_of = revision.is_some_and(|it| question.revision.agrees_with(&it));
        let in_time =
            record.time >= question.since && question.until.is_none_or(|until| record.time < until);
        if !(is_of && in_time) {
            return Self::Other(Other::Revision);
        }
        let folded = |host: &str| HubName::fold(host).into_owned();
        let to = match (&*record.outcome, record.hub.as_deref()) {
            ("assigned", Some(hub)) => Destination::Hub(folded(hub)),
            ("refused", _) => Destination::Refused(record.reason.clone().into_owned()),
            _ => return Self::Other(Other::Unanswered),
        };
        let Some(id) = &record.registration_id else {
            return Self::Other(Other::Unanswered);
        };
        Self::Decision(Decided {
            device: DeviceKey::of(id),
            is_hidden: record.ids_hashed,
            at: record.time,
            route: Route {
                tenant: record.tenant.as_deref().map(str::to_owned),
                from: record.current_hub.as_deref().map(folded),
                to,
            },
            contradicts: Assumption::contradicted(question.assumed, record),
        })
    }
}
