//! A device of a fleet, and what the fleet says of it.

use std::borrow::Cow;

use dps_allocation::{AttestationKind, DecisionRecord, EnrollmentKind};
use serde_json::value::RawValue;

/// A device of a fleet.
#[derive(Clone, Debug)]
pub enum Member<'a> {
    /// A row of a list or of an export.
    Listed(ListedDevice<'a>),
    /// A line of the decision log.
    Logged(Box<DecisionRecord<'static>>),
}

impl Member<'_> {
    /// The registration id, as it is written; empty if there is none.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Listed(device) => device.id.trim(),
            Self::Logged(record) => record.registration_id.as_deref().unwrap_or_default(),
        }
    }
}

/// A device as a list or an export holds it; whatever is missing there is not known.
#[derive(Clone, Debug, Default)]
pub struct ListedDevice<'a> {
    /// The registration id.
    pub id: Cow<'a, str>,
    /// The enrollment that the device comes through.
    pub through: Option<Through<'a>>,
    /// Where the device is.
    pub hub: Hub<'a>,
    /// The hubs that DPS accepts as an answer.
    pub linked: Option<Vec<Cow<'a, str>>>,
    /// How the device proves who it is.
    pub attestation: Option<AttestationKind>,
    /// The client certificate, in the encoding of DPS.
    pub certificate: Option<Cow<'a, str>>,
    /// Whether it is an IoT Edge device.
    pub iot_edge: Option<bool>,
    /// What the device sends along; an inner `None`: nothing.
    pub payload: Option<Option<Cow<'a, RawValue>>>,
}

/// The enrollment that a device comes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Through<'a> {
    /// A group, by its id.
    Group(Cow<'a, str>),
    /// An individual enrollment, whose id is that of the device.
    Individual,
}

impl Through<'_> {
    /// Group or individual.
    #[must_use]
    pub fn kind(&self) -> EnrollmentKind {
        match self {
            Self::Group(_) => EnrollmentKind::Group,
            Self::Individual => EnrollmentKind::Individual,
        }
    }
}

/// Where a device is before it registers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hub<'a> {
    /// The fleet does not say: it is where the tables before the change place it.
    #[default]
    Unstated,
    /// It has no hub yet.
    None,
    /// The host name of its hub.
    At(Cow<'a, str>),
}
