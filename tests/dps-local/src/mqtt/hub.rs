//! A device that is connected to its hub.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::topic::Topic;
use crate::certificate::Certificate;
use crate::connections::{Connection, Push};
use crate::dps::{Core, Credential};
use crate::hub::{Authentication, Device, DeviceStatus, device_key};
use crate::hub_name::HubName;
use crate::id::DeviceId;
use crate::registry::report;
use crate::token::Token;

/// A hub as a device that is connected sees it.
#[derive(Debug)]
pub(super) struct Hub {
    core: Arc<Core>,
    name: HubName,
    device_id: DeviceId,
    /// When the token of the device ends; `None` with a certificate.
    ends: Option<Timestamp>,
    pub(super) connection: Connection,
}

impl Hub {
    /// Reads `{host}/{deviceId}/?api-version=..` and checks the credential; `None` if the hub does not let the device in.
    ///
    /// `called` is the hub that the client named in the handshake, if it named one.
    pub(super) fn connect(
        core: &Arc<Core>,
        called: Option<&HubName>,
        user_name: &str,
        client_id: &str,
        credential: &Credential,
    ) -> Option<Self> {
        let mut parts = user_name.splitn(3, '/');
        let hub = HubName::try_from(parts.next()?.to_owned()).ok()?;
        let device_id = DeviceId::try_from(parts.next()?.to_owned()).ok()?;
        if called.is_some_and(|called| called.key() != hub.key()) || client_id != device_id.as_str()
        {
            return None;
        }
        let key = device_key(&hub, device_id.as_str());
        let device = core.data.read().get::<Device>(&key).cloned()?;
        if device.status != DeviceStatus::Enabled {
            return None;
        }
        let Good { ends } = attests(core, &device, &hub, credential)?;
        core.events.connected(&hub, &device_id);
        Some(Self {
            core: Arc::clone(core),
            name: hub,
            device_id,
            ends,
            connection: core.connections.open(key),
        })
    }

    /// Ends when the hub no longer takes the token of the device.
    pub(super) fn end_of_token(&self) -> impl Future<Output = ()> + use<> {
        let (clock, ends) = (self.core.clock().clone(), self.ends);
        async move { clock.sleep_until(ends).await }
    }

    /// The connection has ended.
    pub(super) fn disconnect(&self) {
        self.core.connections.close(&self.connection);
        self.core.events.disconnected(&self.name, &self.device_id);
    }

    pub(super) fn may_subscribe(&self, filter: &str) -> bool {
        let of_device = format!("devices/{}/messages/devicebound/", self.device_id);
        let known = [
            "$iothub/twin/res/#",
            "$iothub/twin/PATCH/properties/desired/#",
            "$iothub/methods/POST/#",
        ];
        known.contains(&filter) || filter.starts_with(&of_device)
    }

    /// Topic and body of the answer, if there is one; an error if there is nothing like this to send.
    pub(super) async fn take(
        &self,
        topic: &str,
        body: &[u8],
    ) -> Result<Option<(String, Vec<u8>)>, ()> {
        let messages = format!("devices/{}/messages/events/", self.device_id);
        if topic.starts_with(&messages) {
            self.core.connections.count_message(&self.connection.key);
            return Ok(None);
        }
        if topic.starts_with("$iothub/methods/res/") {
            return Ok(None);
        }
        let topic = Topic::parse(topic);
        let request_id = topic.request_id().ok_or(())?;
        let answer = match topic.path {
            "$iothub/twin/GET" => self.twin(),
            "$iothub/twin/PATCH/properties/reported" => self.report(body).await,
            _ => return Err(()),
        };
        let (status, more, body) = answer;
        Ok(Some((
            format!("$iothub/twin/res/{status}/?$rid={request_id}{more}"),
            body,
        )))
    }

    fn twin(&self) -> (u16, String, Vec<u8>) {
        let state = self.core.data.read();
        let Some(device) = state.get::<Device>(&self.connection.key) else {
            return (404, String::new(), Vec::new());
        };
        let (desired, reported) = (
            device.twin.desired.written(),
            device.twin.reported.written(),
        );
        let body = json!({ "desired": desired, "reported": reported });
        (200, String::new(), body.to_string().into_bytes())
    }

    async fn report(&self, body: &[u8]) -> (u16, String, Vec<u8>) {
        let Ok(patch) = serde_json::from_slice::<Map<String, Value>>(body) else {
            return (400, String::new(), Vec::new());
        };
        match report(&self.core, &self.connection.key, patch).await {
            Ok(version) => (204, format!("&$version={version}"), Vec::new()),
            Err(refusal) => (refusal.status, String::new(), Vec::new()),
        }
    }
}

/// Topic and body of the message to the device; `None` if the hub closes the connection.
pub(super) fn publication(push: Push) -> Option<(String, Vec<u8>)> {
    let Push::Desired(mut patch, version) = push else {
        return None;
    };
    patch.insert("$version".to_owned(), json!(version));
    let topic = format!("$iothub/twin/PATCH/properties/desired/?$version={version}");
    Some((topic, Value::Object(patch).to_string().into_bytes()))
}

/// A credential that the hub takes.
struct Good {
    ends: Option<Timestamp>,
}

fn attests(core: &Core, device: &Device, hub: &HubName, credential: &Credential) -> Option<Good> {
    match (&device.authentication, credential) {
        (Authentication::Sas { keys }, Credential::Token(text)) => {
            let resource = format!("{hub}/devices/{}", device.id);
            let token = Token::parse(text).ok()?;
            token.check(&resource, keys.keys(), core.now()).ok()?;
            Some(Good {
                ends: token.expires(),
            })
        }
        (Authentication::SelfSigned { thumbprints }, Credential::Certificates(presented)) => {
            let leaf = Certificate::from_der(presented.first()?).ok()?;
            let is_good =
                leaf.is_valid_at(core.now()) && thumbprints.contains(&leaf.sha1_thumbprint());
            is_good.then_some(Good { ends: None })
        }
        _ => None,
    }
}
