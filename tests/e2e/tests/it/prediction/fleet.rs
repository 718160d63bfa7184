//! Devices as lines of a fleet, and the same devices as DPS posts them.

use std::collections::BTreeMap;
use std::sync::Arc;

use e2e::Runtime;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Callers at a time.
const CALLERS: usize = 16;

/// The hub that each device gets, or the reason why it gets none.
pub(super) type Places = BTreeMap<String, String>;

/// A device, as a line of a fleet; without a group it has an enrollment of its own.
pub(super) fn device(id: &str, group: Option<&str>, hub: Option<&str>, linked: &[&str]) -> Value {
    json!({
        "registrationId": id,
        "enrollment": group.unwrap_or_default(),
        "individual": group.is_none(),
        "currentHub": hub,
        "linkedHubs": linked,
        "attestation": "tpm",
        "iotEdge": false,
        "payload": Value::Null,
    })
}

pub(super) fn id(device: &Value) -> &str {
    device["registrationId"].as_str().unwrap()
}

/// The same device, as DPS posts it.
fn request(device: &Value) -> Value {
    let id = &device["registrationId"];
    let reprovision = json!({"updateHubAssignment": true, "migrateDeviceData": true});
    let record = |name: &str, id: &Value| json!({name: id, "reprovisionPolicy": reprovision});
    let mut context = json!({"registrationId": id, "tpm": {}});
    if let Value::String(hub) = &device["currentHub"] {
        context["currentIotHubHostName"] = hub.as_str().into();
    }
    if !device["payload"].is_null() {
        context["payload"] = device["payload"].clone();
    }
    let mut request = json!({"deviceRuntimeContext": context, "linkedHubs": device["linkedHubs"]});
    if device["individual"] == true {
        request["individualEnrollment"] = record("registrationId", id);
    } else {
        request["enrollmentGroup"] = record("enrollmentGroupId", &device["enrollment"]);
    }
    request
}

/// Registers every device.
pub(super) async fn register(app: &Arc<Runtime>, fleet: &Arc<Vec<Value>>) -> Places {
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (app, fleet) = (Arc::clone(app), Arc::clone(fleet));
        callers.spawn(async move {
            let mut answers = Vec::new();
            for device in fleet.iter().skip(caller).step_by(CALLERS) {
                let answer = app.allocate(&request(device)).await;
                let hub = answer.body["iotHubHostName"].as_str().map(str::to_owned);
                answers.push((id(device).to_owned(), hub.unwrap_or(answer.reason)));
            }
            answers
        });
    }
    callers.join_all().await.into_iter().flatten().collect()
}

/// Whether a place is a hub, and not a reason.
pub(super) fn is_hub(place: &str) -> bool {
    place.contains('.')
}
