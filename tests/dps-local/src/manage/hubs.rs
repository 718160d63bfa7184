//! Links to hubs; on Azure a part of ARM.

use serde_json::Value;

use super::json::{read, read_body, written};
use crate::dps::Core;
use crate::hub::LinkedHub;
use crate::hub_name::HubName;
use crate::refusal::Refusal;

pub(crate) fn list_hubs(core: &Core) -> Result<Value, Refusal> {
    let state = core.data.read();
    let hubs: Vec<_> = state.all::<LinkedHub>().values().collect();
    written(&hubs)
}

pub(crate) fn get_hub(core: &Core, name: &str) -> Result<Value, Refusal> {
    let (state, key) = (core.data.read(), key(name)?);
    let hub = state
        .get::<LinkedHub>(&key)
        .ok_or_else(|| Refusal::not_found("Linked hub"))?;
    written(hub)
}

/// Links a hub, or changes its link.
pub(crate) async fn put_hub(core: &Core, name: &str, body: &[u8]) -> Result<Value, Refusal> {
    let hub: LinkedHub = read_body(body)?;
    if hub.name.key() != key(name)? {
        let stated = &hub.name;
        return Err(Refusal::invalid(format!(
            "name is `{stated}`, the path says `{name}`"
        )));
    }
    written(&put(core, hub).await?)
}

/// Links a hub, or changes its link.
pub(crate) async fn link(core: &Core, stated: Value) -> Result<(), Refusal> {
    put(core, read(stated)?).await.map(drop)
}

/// The name stays as it was written first, as on Azure.
async fn put(core: &Core, hub: LinkedHub) -> Result<LinkedHub, Refusal> {
    if !(1..=1000).contains(&hub.allocation_weight) {
        return Err(Refusal::invalid("allocationWeight has to be 1 to 1000"));
    }
    let put = core.data.edit(|edit| {
        let hub = if let Some(before) = edit.get::<LinkedHub>(&hub.name.key()) {
            LinkedHub {
                name: before.name.clone(),
                owner_key: before.owner_key.clone(),
                ..hub
            }
        } else {
            let count = edit.all::<LinkedHub>().len();
            Refusal::check_count(count, core.options.limits.linked_hubs, "linked hubs")?;
            hub
        };
        edit.put(hub.clone());
        Ok(hub)
    });
    put.await?
}

/// Removes the link; the hub keeps its devices.
pub(crate) async fn delete_hub(core: &Core, name: &str) -> Result<(), Refusal> {
    let key = key(name)?;
    let deleted = core.data.edit(|edit| edit.remove::<LinkedHub>(&key));
    let deleted = deleted.await?;
    deleted
        .map(drop)
        .ok_or_else(|| Refusal::not_found("Linked hub"))
}

fn key(name: &str) -> Result<String, Refusal> {
    let name = HubName::try_from(name.to_owned()).map_err(Refusal::invalid)?;
    Ok(name.key())
}
