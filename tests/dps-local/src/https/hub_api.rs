//! The part of a hub's API that tests and operators need: `/devices/{id}`, `/twins/{id}`, `/statistics/devices`.

use hyper::Method;
use serde_json::{Value, json};

use super::reply::Reply;
use super::request::Read;
use crate::dps::Core;
use crate::hub::{Device, DeviceStatus, LinkedHub, device_key};
use crate::refusal::Refusal;
use crate::registry::{delete_device, device, patch_twin, put_device};
use crate::state::State;
use crate::token::Token;

/// The policy of a hub that may do everything.
const OWNER: &str = "iothubowner";

pub(super) async fn answer(core: &Core, hub: &LinkedHub, request: &Read) -> Result<Reply, Refusal> {
    authorize(core, hub, request)?;
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let shown = |device: &Device| Reply::ok(identity(core, device));
    let twin = |device: &Device| Reply::ok(device.twin());
    match (&request.method, &*segments) {
        (&Method::GET, ["devices", id]) => device(&core.data.read(), hub, id).map(shown),
        (&Method::GET, ["twins", id]) => device(&core.data.read(), hub, id).map(twin),
        (&Method::GET, ["statistics", "devices"]) => {
            Ok(Reply::ok(statistics(&core.data.read(), hub)))
        }
        (&Method::PUT, ["devices", id]) => {
            let device = put_device(core, hub, id, &request.body).await?;
            Ok(shown(&device))
        }
        (&Method::PATCH, ["twins", id]) => {
            let device = patch_twin(core, hub, id, &request.body).await?;
            Ok(twin(&device))
        }
        (&Method::DELETE, ["devices", id]) => {
            delete_device(core, hub, id).await?;
            Ok(Reply::no_content())
        }
        (_, ["devices" | "twins", _] | ["statistics", "devices"]) => {
            Err(Refusal::method_not_allowed())
        }
        _ => Err(Refusal::not_found("Path")),
    }
}

/// With what the hub knows of its connection. `telemetryMessageCount` is a member of this hub only.
fn identity(core: &Core, device: &Device) -> Value {
    let key = device.key();
    let is_connected = core.connections.is_connected(&key);
    let state = if is_connected {
        "Connected"
    } else {
        "Disconnected"
    };
    let mut identity = device.identity();
    if let Some(members) = identity.as_object_mut() {
        members.insert("connectionState".to_owned(), json!(state));
        members.insert(
            "telemetryMessageCount".to_owned(),
            json!(core.connections.messages(&key)),
        );
    }
    identity
}

/// With a token for the hub under the name by which it was called.
fn authorize(core: &Core, hub: &LinkedHub, request: &Read) -> Result<(), Refusal> {
    let text = request.authorization().ok_or_else(Refusal::unauthorized)?;
    let checked = Token::parse(text).and_then(|token| {
        let named = token.policy().is_some_and(|policy| policy == OWNER);
        let keys = named.then_some(&hub.owner_key);
        token.check(&request.host, keys, core.now())
    });
    match checked {
        Ok(()) => Ok(()),
        Err(_) => Err(Refusal::unauthorized_access()),
    }
}

fn statistics(state: &State, hub: &LinkedHub) -> Value {
    let start = device_key(&hub.name, "");
    let devices = state.all::<Device>().range(start.clone()..);
    let devices = devices.take_while(|(key, _)| key.starts_with(&start));
    let enabled = |device: &&Device| device.status == DeviceStatus::Enabled;
    let devices: Vec<&Device> = devices.map(|(_, device)| device).collect();
    let count = devices.iter().copied().filter(enabled).count();
    json!({
        "totalDeviceCount": devices.len(),
        "enabledDeviceCount": count,
        "disabledDeviceCount": devices.len() - count,
    })
}
