//! What operators do to devices on a hub.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::dps::Core;
use crate::etag::Etag;
use crate::hub::{Device, DeviceStatus, LinkedHub};
use crate::refusal::Refusal;
use crate::state::State;

/// The policy of a hub that may do everything.
pub(crate) const OWNER: &str = "iothubowner";

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

pub(crate) fn device<'s>(
    state: &'s State,
    hub: &LinkedHub,
    id: &str,
) -> Result<&'s Device, Refusal> {
    let device = state.get::<Device>(&key(hub, id));
    device.ok_or_else(|| Refusal::not_found("Device"))
}

/// Enables or disables a device.
pub(crate) async fn put_device(
    core: &Core,
    hub: &LinkedHub,
    id: &str,
    body: &[u8],
) -> Result<Device, Refusal> {
    let stated: Identity = serde_json::from_slice(body).map_err(Refusal::invalid)?;
    change(core, hub, id, |device| device.status = stated.status).await
}

/// Merges tags and desired properties: null removes one.
pub(crate) async fn patch_twin(
    core: &Core,
    hub: &LinkedHub,
    id: &str,
    body: &[u8],
) -> Result<Device, Refusal> {
    let patch: TwinPatch = serde_json::from_slice(body).map_err(Refusal::invalid)?;
    change(core, hub, id, |device| {
        device.twin.patch_tags(patch.tags);
        if let Some(desired) = patch.properties.desired {
            device.twin.desired.patch(desired);
        }
    })
    .await
}

/// Deletes a device; DPS does not learn of it.
pub(crate) async fn delete_device(core: &Core, hub: &LinkedHub, id: &str) -> Result<(), Refusal> {
    let deleted = core.data.edit(|edit| edit.remove::<Device>(&key(hub, id)));
    let deleted = deleted.await?;
    deleted
        .map(drop)
        .ok_or_else(|| Refusal::not_found("Device"))
}

async fn change(
    core: &Core,
    hub: &LinkedHub,
    id: &str,
    work: impl FnOnce(&mut Device),
) -> Result<Device, Refusal> {
    let changed = core.data.edit(|edit| {
        let mut device = device(edit, hub, id)?.clone();
        work(&mut device);
        device.etag = Etag::new();
        edit.put(device.clone());
        Ok(device)
    });
    changed.await?
}

fn key(hub: &LinkedHub, id: &str) -> String {
    format!("{}/{id}", hub.name.key())
}
