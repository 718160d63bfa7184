//! What a preview has assumed of devices, and a decision shows otherwise.

use std::collections::BTreeSet;
use std::fmt;

use dps_allocation::{DecisionRecord, HubName, Part};
use serde::Serialize;

use crate::preview::Assumed;

/// What a preview has assumed of every device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Assumption {
    /// None sends a payload.
    NoPayload,
    /// None attests by a certificate.
    NoCertificate,
    /// None is an IoT Edge device.
    NoIotEdge,
    /// Each registers for the first time.
    New,
    /// DPS links the hubs that were named.
    LinkedHubs,
}

impl Assumption {
    /// Those that a decision contradicts.
    pub(super) fn contradicted(assumed: &Assumed, record: &DecisionRecord<'_>) -> Vec<Self> {
        let without = |part| assumed.without.contains(part);
        let is_edge = record.enrollment.as_ref().is_some_and(|it| it.iot_edge);
        let links_others = || {
            let named = assumed.linked.as_ref().zip(record.linked_hubs.as_ref());
            named.is_some_and(|(assumed, linked)| folded(assumed) != folded(linked))
        };
        let found = [
            (
                Self::NoPayload,
                without(Part::Payload) && record.payload.is_some(),
            ),
            (
                Self::NoCertificate,
                without(Part::Certificate) && record.certificate.is_some(),
            ),
            (Self::NoIotEdge, without(Part::IotEdge) && is_edge),
            (Self::New, assumed.as_new && record.current_hub.is_some()),
            (Self::LinkedHubs, links_others()),
        ];
        let found = found.into_iter().filter(|(_, is)| *is);
        found.map(|(assumption, _)| assumption).collect()
    }
}

fn folded(hubs: &[impl AsRef<str>]) -> BTreeSet<String> {
    hubs.iter()
        .map(|it| HubName::fold(it.as_ref()).into_owned())
        .collect()
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPayload => "no device sends a payload",
            Self::NoCertificate => "no device has a certificate",
            Self::NoIotEdge => "no device is an IoT Edge device",
            Self::New => "each device registers for the first time",
            Self::LinkedHubs => "DPS links the hubs of --linked-hubs",
        })
    }
}
