//! Shared access policies; on Azure a part of ARM.

use serde_json::Value;

use super::json::written;
use crate::access::AccessPolicy;
use crate::dps::Core;
use crate::refusal::Refusal;

/// All of them, with keys.
pub(crate) fn list_policies(core: &Core) -> Result<Value, Refusal> {
    let state = core.data.read();
    let policies: Vec<_> = state.all::<AccessPolicy>().values().collect();
    written(&policies)
}

/// Creates a policy, or replaces its keys and rights.
pub(crate) async fn put_policy(core: &Core, name: &str, body: &[u8]) -> Result<Value, Refusal> {
    let policy: AccessPolicy = serde_json::from_slice(body).map_err(Refusal::invalid)?;
    if !policy.key_name.eq_ignore_ascii_case(name) {
        let stated = &policy.key_name;
        return Err(Refusal::invalid(format!(
            "keyName is `{stated}`, the path says `{name}`"
        )));
    }
    let shown = written(&policy)?;
    let put = core.data.edit(|edit| edit.put(policy));
    put.await?;
    Ok(shown)
}
