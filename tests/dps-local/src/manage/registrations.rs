//! Registrations, for operators.

use serde_json::Value;

use super::paging::{Page, PageRequest};
use crate::dps::Core;
use crate::enrollment::Group;
use crate::refusal::Refusal;
use crate::registration::{Registration, Source};

/// `DeviceRegistrationState` of a device.
pub(crate) fn get_registration(core: &Core, id: &str) -> Result<Value, Refusal> {
    let state = core.data.read();
    let registration = state.get::<Registration>(&id.to_ascii_lowercase());
    registration
        .map(Registration::state)
        .ok_or_else(|| Refusal::not_found("Registration"))
}

/// Forgets where a device is: the next registration is its first. The device stays on its hub.
pub(crate) async fn delete_registration(
    core: &Core,
    id: &str,
    if_match: Option<&str>,
) -> Result<(), Refusal> {
    let deleted = core.data.edit(|edit| {
        let key = id.to_ascii_lowercase();
        let before = edit
            .get::<Registration>(&key)
            .ok_or_else(|| Refusal::not_found("Registration"))?;
        before.etag.check(if_match)?;
        edit.remove::<Registration>(&key);
        Ok(())
    });
    deleted.await?
}

/// Those that came through a group.
pub(crate) fn query_registrations(
    core: &Core,
    group: &str,
    page: &PageRequest,
) -> Result<Page, Refusal> {
    let (state, key) = (core.data.read(), group.to_ascii_lowercase());
    if state.get::<Group>(&key).is_none() {
        return Err(Refusal::group_not_found());
    }
    let registrations = state.all::<Registration>().iter();
    let of_group = registrations
        .filter(|(_, it)| matches!(&it.attested.source, Source::Group(id) if id.key() == key));
    page.cut(
        "DeviceRegistration",
        of_group.map(|(key, it)| (key, it.state())),
    )
}
