//! Connection profiles: MQTT v5 hubs serve other devices than classic hubs.
//!
//! The profile of a hub is permanent. An MQTT v5 hub speaks nothing but MQTT v5 and accepts X.509
//! certificates only: a device's own, or those that DPS issues. Source:
//! <https://learn.microsoft.com/azure/iot-hub/mqtt-v5-capabilities>.

use super::hub_set::HubSet;
use super::hubs::Hubs;
use crate::registration::{Attestation, Registration};
use crate::schema::DeviceProfile;

/// Why a device cannot use MQTT v5 hubs; none if it can.
pub(crate) fn mqtt_v5_obstacle(
    profile: DeviceProfile,
    registration: &Registration<'_>,
) -> Option<&'static str> {
    if profile == DeviceProfile::Classic {
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

/// The profiles of some devices together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Profiles {
    classic: bool,
    mqtt_v5: bool,
}

impl Profiles {
    /// Devices whose own rows may have any profile.
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
        match (self.classic, self.mqtt_v5) {
            (true, true) => hubs.all,
            (true, false) => classic,
            (false, true) => hubs.mqtt_v5,
            (false, false) => HubSet::default(),
        }
    }
}

impl From<DeviceProfile> for Profiles {
    fn from(profile: DeviceProfile) -> Self {
        Self {
            classic: profile != DeviceProfile::MqttV5,
            mqtt_v5: profile != DeviceProfile::Classic,
        }
    }
}
