//! What a change of the tables does to one device.

use serde::Serialize;

/// What a change of the tables does to one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    /// It gets another hub.
    Moved,
    /// It got a hub before, and gets none.
    Refused,
    /// It got no hub before, and gets one.
    Accepted,
}

impl Change {
    /// The word for lists.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Refused => "refused",
            Self::Accepted => "accepted",
        }
    }
}

/// What a change of the tables does to devices that change alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// What happens to them.
    pub change: Change,
    /// The tenant, if it is known.
    pub tenant: Option<String>,
    /// The hub before, or why they got none.
    pub from: String,
    /// The hub after, or why they get none.
    pub to: String,
    /// Why, as one of the published reasons.
    pub reason: &'static str,
    /// The row that decides after the change.
    pub row: Option<String>,
}

/// A device that a change affects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The registration id in lower case.
    pub id: String,
    /// What happens to it.
    pub effect: Effect,
}
