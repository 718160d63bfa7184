//! What a device sends with a request.

use serde::Deserialize;
use serde_json::Value;

use super::caller::Caller;
use super::core::Core;
use crate::enrollment::TpmKeys;
use crate::id::RegistrationId;
use crate::refusal::Refusal;

/// `DeviceRegistration`; SDKs send an empty body, an empty object or `"payload": null` if there is nothing to say.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeviceRegistration {
    registration_id: Option<RegistrationId>,
    pub(super) payload: Option<Value>,
    /// Of a device that attests with its TPM.
    pub(super) tpm: Option<TpmKeys>,
    /// Base64 of PKCS#10, since 2025-07-01-preview.
    pub(super) csr: Option<String>,
}

/// Who asks, and for what.
pub(super) fn read(
    core: &Core,
    caller: &Caller,
    body: &[u8],
) -> Result<(RegistrationId, DeviceRegistration), Refusal> {
    let id = RegistrationId::try_from(caller.registration_id.clone()).map_err(Refusal::invalid)?;
    let limit = core.options.limits.message_bytes;
    if body.len() > limit {
        return Err(Refusal::too_large(limit));
    }
    let request = match body.trim_ascii() {
        b"" => DeviceRegistration::default(),
        body => serde_json::from_slice(body).map_err(Refusal::invalid)?,
    };
    match &request.registration_id {
        Some(named) if *named != id => Err(Refusal::invalid(format!(
            "the body is about `{named}`, the request about `{id}`"
        ))),
        _ => Ok((id, request)),
    }
}
