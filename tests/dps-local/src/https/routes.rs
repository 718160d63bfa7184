//! Which API a request is for.

use super::reply::Reply;
use super::request::Read;
use super::{device_api, hub_api, service_api};
use crate::dps::Dps;
use crate::registry::linked;

/// Hubs are told apart by the host that the client names.
pub(super) async fn answer(dps: &Dps, request: &Read) -> Reply {
    let core = dps.core();
    let hub = linked(&core.data.read(), &request.host);
    let answered = if let Some(hub) = hub {
        hub_api::answer(core, &hub, request).await
    } else if request
        .segments
        .get(1)
        .is_some_and(|it| it.eq_ignore_ascii_case("registrations"))
    {
        device_api::answer(dps, request).await
    } else {
        service_api::answer(core, request).await
    };
    answered.unwrap_or_else(|refusal| Reply::refused(&refusal, core.now()))
}
