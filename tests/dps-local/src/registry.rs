//! The devices of a hub, as operators and the devices themselves read and change them.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::connections::Push;
use crate::dps::Core;
use crate::etag::Etag;
use crate::hub::{Device, DeviceStatus, LinkedHub, TwinTooLarge, device_key};
use crate::hub_name::HubName;
use crate::refusal::Refusal;
use crate::state::State;

/// Members of a twin that a back end may change.
#[derive(Deserialize)]
struct TwinPatch {
    #[serde(default)]
    tags: Map<String, Value>,
    #[serde(default)]
    properties: PropertiesPatch,
}

#[derive(Default, Deserialize)]
struct PropertiesPatch {
    desired: Option<Map<String, Value>>,
}

/// Members of an identity that can be changed here.
#[derive(Deserialize)]
struct Identity {
    status: DeviceStatus,
}

/// The linked hub of a host name, whichever of its names that is.
pub(crate) fn linked(state: &State, host: &str) -> Option<LinkedHub> {
    let name = HubName::try_from(host.to_owned()).ok()?;
    state.get::<LinkedHub>(&name.key()).cloned()
}

pub(crate) fn device<'s>(
    state: &'s State,
    hub: &LinkedHub,
    id: &str,
) -> Result<&'s Device, Refusal> {
    let device = state.get::<Device>(&device_key(&hub.name, id));
    device.ok_or_else(not_found)
}

/// Enables or disables a device. Disabled, it is disconnected.
pub(crate) async fn put_device(
    core: &Core,
    hub: &LinkedHub,
    id: &str,
    body: &[u8],
) -> Result<Device, Refusal> {
    let stated: Identity = serde_json::from_slice(body).map_err(Refusal::invalid)?;
    let key = device_key(&hub.name, id);
    let device = change(core, &key, |device| {
        device.status = stated.status;
        Ok(())
    })
    .await?;
    if device.status == DeviceStatus::Disabled {
        core.connections.push(&key, Push::Close);
    }
    Ok(device)
}

/// Merges tags and desired properties, and tells the device: null removes one.
pub(crate) async fn patch_twin(
    core: &Core,
    hub: &LinkedHub,
    id: &str,
    body: &[u8],
) -> Result<Device, Refusal> {
    let patch: TwinPatch = serde_json::from_slice(body).map_err(Refusal::invalid)?;
    let (key, desired) = (device_key(&hub.name, id), patch.properties.desired);
    let changed = change(core, &key, |device| {
        device.twin.patch_tags(patch.tags)?;
        match &desired {
            Some(desired) => device.twin.patch_desired(desired.clone()),
            None => Ok(()),
        }
    });
    let device = changed.await?;
    if let Some(desired) = desired {
        let push = Push::Desired(desired, device.twin.desired.version);
        core.connections.push(&key, push);
    }
    Ok(device)
}

/// Merges what a device reports; the version that this leads to.
pub(crate) async fn report(
    core: &Core,
    key: &str,
    patch: Map<String, Value>,
) -> Result<u64, Refusal> {
    let changed = change(core, key, |device| device.twin.patch_reported(patch));
    let device = changed.await?;
    Ok(device.twin.reported.version)
}

/// Deletes a device and disconnects it; DPS does not learn of it.
pub(crate) async fn delete_device(core: &Core, hub: &LinkedHub, id: &str) -> Result<(), Refusal> {
    let key = device_key(&hub.name, id);
    let deleted = core.data.edit(|edit| edit.remove::<Device>(&key)).await?;
    let deleted = deleted.ok_or_else(not_found)?;
    core.connections.push(&key, Push::Close);
    core.events.deleted(&deleted);
    Ok(())
}

async fn change(
    core: &Core,
    key: &str,
    work: impl FnOnce(&mut Device) -> Result<(), TwinTooLarge>,
) -> Result<Device, Refusal> {
    let changed = core.data.edit(|edit| {
        let mut device = edit.get::<Device>(key).ok_or_else(not_found)?.clone();
        work(&mut device).map_err(Refusal::twin_too_large)?;
        device.etag = Etag::new();
        edit.put(device.clone());
        Ok(device)
    });
    changed.await?
}

fn not_found() -> Refusal {
    Refusal::not_found("Device")
}
