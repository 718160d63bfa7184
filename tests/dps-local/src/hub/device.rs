//! Devices in the registry of a hub.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::twin::Twin;
use crate::etag::Etag;
use crate::hub_name::HubName;
use crate::id::DeviceId;
use crate::key::KeyPair;

/// A device, as a hub keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Device {
    pub(crate) hub: HubName,
    pub(crate) id: DeviceId,
    /// Another for each creation under the same id.
    pub(crate) generation_id: String,
    pub(crate) etag: Etag,
    pub(crate) status: DeviceStatus,
    pub(crate) authentication: Authentication,
    pub(crate) iot_edge: bool,
    pub(crate) twin: Twin,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum DeviceStatus {
    Enabled,
    Disabled,
}

/// How a device shows to a hub who it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub(crate) enum Authentication {
    /// A token that is signed with one of these.
    Sas { keys: KeyPair },
    /// A certificate with one of these SHA-1 thumbprints.
    SelfSigned { thumbprints: Vec<String> },
}

/// What devices of all hubs are stored by; a hub's are next to each other.
pub(crate) fn device_key(hub: &HubName, device_id: &str) -> String {
    format!("{}/{device_id}", hub.key())
}

impl Device {
    pub(crate) fn key(&self) -> String {
        device_key(&self.hub, self.id.as_str())
    }

    /// As `GET /devices/{id}` of IoT Hub answers it, keys included.
    pub(crate) fn identity(&self) -> Value {
        json!({
            "deviceId": self.id,
            "generationId": self.generation_id,
            "etag": self.etag.encoded(),
            "status": self.status,
            "authentication": self.authentication.written(),
            "capabilities": { "iotEdge": self.iot_edge },
        })
    }

    /// As `GET /twins/{id}` of IoT Hub answers it.
    pub(crate) fn twin(&self) -> Value {
        json!({
            "deviceId": self.id,
            "etag": self.etag.encoded(),
            "status": self.status,
            "authenticationType": self.authentication.kind(),
            "capabilities": { "iotEdge": self.iot_edge },
            "version": self.twin.version(),
            "tags": self.twin.tags,
            "properties": {
                "desired": self.twin.desired.written(),
                "reported": self.twin.reported.written(),
            },
        })
    }
}

impl Authentication {
    fn kind(&self) -> &'static str {
        match self {
            Self::Sas { .. } => "sas",
            Self::SelfSigned { .. } => "selfSigned",
        }
    }

    fn written(&self) -> Value {
        match self {
            Self::Sas { keys } => json!({ "type": self.kind(), "symmetricKey": keys }),
            Self::SelfSigned { thumbprints } => {
                let mut thumbprints = thumbprints.iter();
                json!({ "type": self.kind(), "x509Thumbprint": {
                    "primaryThumbprint": thumbprints.next(),
                    "secondaryThumbprint": thumbprints.next(),
                } })
            }
        }
    }
}
