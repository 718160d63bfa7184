//! What an answer of the webhook means for the registration.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::enrollment::InitialTwin;
use crate::hub_name::HubName;
use crate::registration::Failure;

/// `CustomAllocationFailed`.
const FAILED: u32 = 400_207;

/// `CustomAllocationIotHubNotSpecified`.
const NO_HUB: u32 = 400_208;

/// `CustomAllocationUnauthorizedAccess`.
const UNAUTHORIZED: u32 = 400_209;

/// What follows from one call of the webhook.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Chosen(Choice),
    /// It is called again. If that was the last time, the registration fails like this.
    Retry(Failure),
    Failed(Failure),
}

/// A hub, and what the webhook says about the device on it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    /// As it is written in `linkedHubs`.
    pub(crate) hub: HubName,
    pub(crate) initial_twin: Option<InitialTwin>,
    pub(crate) payload: Option<Value>,
}

/// Members that are not known are ignored, as by DPS.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    iot_hub_host_name: Option<String>,
    initial_twin: Option<InitialTwin>,
    payload: Option<Map<String, Value>>,
}

/// Reads an answer; without one there is no status.
///
/// Source: the table "Troubleshooting" of `tutorial-custom-allocation-policies.md`. For a body that cannot be read, a hub that is not in `linkedHubs` and no
/// answer at all, the documentation says nothing; here the first two fail, and the third is tried again.
pub(crate) fn outcome(answer: Option<(u16, &[u8])>, linked: &[HubName]) -> Outcome {
    match answer {
        None => Outcome::Retry(failure(
            FAILED,
            "Custom allocation failed: there was no response",
        )),
        Some((200, body)) => chosen(body, linked),
        Some((401, _)) => Outcome::Failed(failure(
            UNAUTHORIZED,
            "Custom allocation failed with status code: 401",
        )),
        Some((status @ 429.., _)) => Outcome::Retry(with_status(status)),
        Some((status, _)) => Outcome::Failed(with_status(status)),
    }
}

fn chosen(body: &[u8], linked: &[HubName]) -> Outcome {
    let Ok(body) = serde_json::from_slice::<Body>(body) else {
        return Outcome::Failed(failure(
            FAILED,
            "Custom allocation failed: the response is not an allocation response",
        ));
    };
    let name = body.iot_hub_host_name.unwrap_or_default();
    if name.is_empty() {
        return Outcome::Failed(failure(
            NO_HUB,
            "Custom allocation failed: the response does not specify an IoT hub",
        ));
    }
    let hub = linked.iter().find(|hub| hub.is_written(&name));
    let Some(hub) = hub else {
        return Outcome::Failed(failure(
            FAILED,
            "Custom allocation failed: the IoT hub of the response is not linked",
        ));
    };
    Outcome::Chosen(Choice {
        hub: hub.clone(),
        initial_twin: body.initial_twin,
        payload: body.payload.map(Value::Object),
    })
}

/// The text that DPS gives to devices.
fn with_status(status: u16) -> Failure {
    failure(
        FAILED,
        &format!("Custom allocation failed with status code: {status}"),
    )
}

fn failure(code: u32, message: &str) -> Failure {
    Failure {
        code,
        message: message.to_owned(),
    }
}
