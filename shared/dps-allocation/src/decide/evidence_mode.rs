//! The parts of a request that no log may hold: read, read and recorded, replayed, or unknown.

use std::borrow::Cow;

use super::known::Known;
use crate::evidence::{Evidence, Learned, NotRecorded};
use crate::parts::Parts;

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
    /// The request, some parts of which are not known.
    Partial {
        unknown: Parts,
        /// The first question about them.
        missing: Option<NotRecorded>,
        /// Whether initial twin or reply depend on them.
        of_twin: bool,
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

    pub(super) fn of(known: Known<'e>) -> Self {
        match known {
            Known::Recorded(_, evidence) => Self::replay(evidence),
            Known::AllBut(unknown) => Self::Partial {
                unknown,
                missing: None,
                of_twin: false,
            },
        }
    }

    /// The evidence that was recorded.
    pub(super) fn into_evidence(self) -> Evidence {
        match self {
            Self::Recorded(evidence) => evidence,
            Self::Unrecorded | Self::Replayed { .. } | Self::Partial { .. } => Evidence::default(),
        }
    }

    /// Whether initial twin and reply were rendered.
    pub(super) fn knows_twin(&self) -> bool {
        match self {
            Self::Unrecorded | Self::Recorded(_) => true,
            Self::Replayed { .. } => false,
            Self::Partial { of_twin, .. } => !of_twin,
        }
    }

    /// The first question without an answer.
    pub(super) fn into_missing(self) -> Option<NotRecorded> {
        match self {
            Self::Replayed { missing, .. } | Self::Partial { missing, .. } => missing,
            Self::Unrecorded | Self::Recorded(_) => None,
        }
    }
}
