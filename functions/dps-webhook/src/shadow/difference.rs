//! How two decisions about one registration differ.

use dps_allocation::{Assignment, Decision};
use strum::IntoStaticStr;

/// What the candidate decides, next to the live policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "camelCase")]
pub(crate) enum Difference {
    /// The same answer.
    Same,
    /// Another hub.
    Hub,
    /// The same hub, with another initial twin or reply.
    Twin,
    /// The candidate does not assign the device, the live policy does.
    Refused,
    /// The candidate assigns the device, the live policy does not.
    Accepted,
    /// Neither assigns the device, for another reason.
    Reason,
    /// The candidate needs the row of the device, which the live policy did not read.
    Undecidable,
}

impl Difference {
    pub(crate) fn as_str(self) -> &'static str {
        self.into()
    }

    pub(super) fn between(live: &Decision<'_>, candidate: &Decision<'_>) -> Self {
        match (live, candidate) {
            (Decision::Assigned(live), Decision::Assigned(candidate)) => {
                Self::of_answers(live, candidate)
            }
            (Decision::Assigned(_), _) => Self::Refused,
            (_, Decision::Assigned(_)) => Self::Accepted,
            (live, candidate) if live.reason() == candidate.reason() => Self::Same,
            _ => Self::Reason,
        }
    }

    fn of_answers(live: &Assignment<'_>, candidate: &Assignment<'_>) -> Self {
        if live.hub != candidate.hub {
            Self::Hub
        } else if (&live.initial_twin, &live.payload)
            == (&candidate.initial_twin, &candidate.payload)
        {
            Self::Same
        } else {
            Self::Twin
        }
    }
}
