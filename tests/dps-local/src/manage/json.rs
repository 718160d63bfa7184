//! Records as clients write and read them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::refusal::Refusal;

/// Reads a record. SDKs and the CLI write members that are not there as null.
pub(super) fn read<T: DeserializeOwned>(mut stated: Value) -> Result<T, Refusal> {
    if let Some(members) = stated.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    serde_json::from_value(stated).map_err(Refusal::invalid)
}

/// Reads a record from a body.
pub(super) fn read_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    read(serde_json::from_slice(body).map_err(Refusal::invalid)?)
}

pub(super) fn written(record: &impl Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(record).map_err(|error| Refusal::internal(&error))
}
