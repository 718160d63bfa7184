//! Devices that register on one hub and get another, as the decision log shows them.

use serde::{Deserialize, Serialize};

/// Where a registration leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Destination {
    /// To the hub of this classic host name.
    Hub(String),
    /// Nowhere, for this published reason.
    Refused(String),
}

/// From where to where devices of a tenant go when they register.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Route {
    /// The tenant, if it is known.
    pub tenant: Option<String>,
    /// The hub that they are on; `None`: they register for the first time.
    pub from: Option<String>,
    /// What they get.
    pub to: Destination,
}

/// Devices that take the same route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Flow {
    /// From where to where.
    #[serde(flatten)]
    pub route: Route,
    /// How many devices.
    pub devices: u64,
    /// Of these, those that would not go there without the change.
    pub by_change: u64,
}

/// What kind of news a route is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Moved,
    Placed,
    Refused,
}

impl Route {
    /// Whether devices are where they go.
    pub(crate) fn stays(&self) -> bool {
        matches!((&self.from, &self.to), (Some(from), Destination::Hub(to)) if from == to)
    }

    pub(crate) fn kind(&self) -> Kind {
        match (&self.from, &self.to) {
            (_, Destination::Refused(_)) => Kind::Refused,
            (Some(_), Destination::Hub(_)) => Kind::Moved,
            (None, Destination::Hub(_)) => Kind::Placed,
        }
    }
}
