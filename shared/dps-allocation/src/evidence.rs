//! What a decision learned from the parts of a request that no log may hold.
//!
//! Payload, certificate and the enrollment's twin stay out of every log. The answers that the policy
//! got from them do not: whether a condition held, which tenant was claimed, which place was named.
//! With these, and what a log may hold anyway, [`crate::replay`] decides again.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::expression::{Failure, Unreadable};

/// What a decision learned from withheld parts of a request, in the order of the questions.
///
/// Empty for nearly every decision: only expressions that name `payload` or `cert`, and the search
/// for the device's location, read them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Evidence(pub(crate) Vec<Learned>);

/// One question and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Learned {
    /// Such as `rules contoso/100-toasters when` or `payload.region`.
    pub(crate) asked: Cow<'static, str>,
    pub(crate) found: Found,
}

/// What was found; never a value that the device may choose freely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Found {
    /// Whether a condition held; one that names something missing did not.
    Condition(bool),
    /// A condition could not be evaluated.
    ConditionFailed(Failure),
    /// `tenantFrom` named a tenant of the policy.
    Tenant(String),
    /// `tenantFrom` named a tenant that the policy does not have.
    OtherTenant,
    /// Whether `groupFrom` named a group.
    Group(bool),
    /// Whether the share of a rollout contained the device's group.
    InShare(bool),
    /// The hub that the weighted hash of the device's group chose.
    Drawn(String),
    /// `tenantFrom` had no value.
    NoTenant,
    /// `hubFrom` named a hub of the policy.
    Hub(String),
    /// `hubFrom` named a hub that the policy does not have.
    OtherHub,
    /// `hubFrom` had no value.
    NoHub,
    /// A place of the `latency` table, or an Azure region.
    Place(String),
    /// A place that only the device knows, such as coordinates: the hubs within tolerance; empty if
    /// none of them is enough nearer for the device to move.
    Near(Vec<String>),
    /// No place, or none from which a latency is known.
    NoPlace,
    /// The twin or the reply breaks a limit of IoT Hub.
    TwinInvalid,
    /// The part itself is broken.
    Unreadable(Unreadable),
}

/// Why a recorded decision cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the record of the decision has no answer to `{asked}`, which the policy reads from the payload, \
     the certificate or the device's row; explain the request itself instead"
)]
pub struct NotRecorded {
    asked: String,
}

impl Evidence {
    /// Whether the decision read none of the withheld parts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl NotRecorded {
    /// The row and the column that ask, such as `rules contoso/100-toasters when`, or the source of
    /// a location.
    #[must_use]
    pub fn asked(&self) -> &str {
        &self.asked
    }

    pub(crate) fn new(asked: impl Into<String>) -> Self {
        Self {
            asked: asked.into(),
        }
    }
}
