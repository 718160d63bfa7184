//! The parts of a request that no log may hold: read, read and recorded, or replayed.

use std::borrow::Cow;

use crate::evidence::{Evidence, Learned, NotRecorded};

/// Where answers about payload and certificate come from.
pub(super) enum EvidenceMode<'e> {
    /// The request.
    Unrecorded,
    /// The request; the answers are recorded.
    Recorded(Evidence),
    /// Recorded answers.
    Replayed {
        /// The answers that have not been used yet.
        left: &'e [Learned],
        /// The first question without an answer.
        missing: Option<NotRecorded>,
    },
}

/// What a decision asks of payload or certificate, as records spell it.
pub(super) type Question = Cow<'static, str>;

impl<'e> EvidenceMode<'e> {
    pub(super) fn replay(evidence: &'e Evidence) -> Self {
        Self::Replayed {
            left: &evidence.0,
            missing: None,
        }
    }

    /// The evidence that was recorded.
    pub(super) fn into_evidence(self) -> Evidence {
        match self {
            Self::Recorded(evidence) => evidence,
            Self::Unrecorded | Self::Replayed { .. } => Evidence::default(),
        }
    }

    /// The first question without a recorded answer.
    pub(super) fn into_missing(self) -> Option<NotRecorded> {
        match self {
            Self::Replayed { missing, .. } => missing,
            Self::Unrecorded | Self::Recorded(_) => None,
        }
    }
}
