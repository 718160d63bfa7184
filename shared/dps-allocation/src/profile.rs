//! Connection profiles: MQTT v5 hubs serve other devices than classic hubs.
//!
//! The profile of a hub is permanent. An MQTT v5 hub speaks nothing but MQTT v5 and takes X.509
//! certificates only, own ones or those that DPS issues. Source:
//! <https://learn.microsoft.com/azure/iot-hub/mqtt-v5-capabilities>.

use crate::hubs::{HubSet, Hubs};
use crate::registration::{Attestation, Registration};

/// Which hubs a device speaks to, as the tables say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceProfile {
    Classic,
    MqttV5,
    Both,
}

impl DeviceProfile {
    /// The profile of a canonical cell.
    pub(crate) fn of(cell: Option<&str>) -> Option<Self> {
        match cell? {
            "classic" => Some(Self::Classic),
            "mqttV5" => Some(Self::MqttV5),
            "both" => Some(Self::Both),
            _ => None,
        }
    }

    /// The word of tables, expressions and logs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::MqttV5 => "mqttV5",
            Self::Both => "both",
        }
    }

    /// Why a device cannot use MQTT v5 hubs; none where it can.
    pub(crate) fn bars_mqtt_v5(self, registration: &Registration<'_>) -> Option<&'static str> {
        if self == Self::Classic {
            return Some("no row says that the device speaks it");
        }
        match &registration.attestation {
            Some(Attestation::X509(_)) => None,
            Some(Attestation::Tpm) => Some("a TPM cannot sign in to it"),
            Some(Attestation::SymmetricKey) => {
                let issues = registration.enrollment.registry.issues_certificates();
                (!issues).then_some("the enrollment issues no certificate for a symmetric key")
            }
            None => Some("the request does not say how the device proves who it is"),
        }
    }
}

/// Which profiles some devices speak, together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spoken {
    classic: bool,
    mqtt_v5: bool,
}

impl Spoken {
    /// What devices may speak whose own rows may say anything.
    pub(crate) const ANY: Self = Self {
        classic: true,
        mqtt_v5: true,
    };

    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            classic: self.classic || other.classic,
            mqtt_v5: self.mqtt_v5 || other.mqtt_v5,
        }
    }

    /// The hubs that some of the devices can use.
    pub(crate) fn hubs(self, hubs: &Hubs) -> HubSet {
        let classic = hubs.all.without(hubs.mqtt_v5);
        let either = [(self.classic, classic), (self.mqtt_v5, hubs.mqtt_v5)];
        let spoken = either.into_iter().filter(|(speaks, _)| *speaks);
        spoken.fold(HubSet::default(), |set, (_, hubs)| set.or(hubs))
    }
}

impl From<DeviceProfile> for Spoken {
    fn from(profile: DeviceProfile) -> Self {
        Self {
            classic: profile != DeviceProfile::MqttV5,
            mqtt_v5: profile != DeviceProfile::Classic,
        }
    }
}
