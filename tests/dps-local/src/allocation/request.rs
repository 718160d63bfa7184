//! The body that the webhook gets.

use serde_json::{Map, Value, json};

use crate::enrollment::{Group, Individual, Terms, without_secrets};
use crate::hub_name::HubName;
use crate::id::RegistrationId;
use crate::registration::{Assignment, Evidence};

/// Members of enrollments that came with a version of the API, which is a date.
const SINCE: [(&str, &str); 7] = [
    ("reprovisionPolicy", "2018-09-01"),
    ("optionalDeviceInformation", "2019-03-31"),
    ("credentialPolicyName", "2025-07-01"),
    ("certificateAuthorityName", "2026-11-01"),
    ("certificatePolicyName", "2026-11-01"),
    ("namespaceName", "2026-11-01"),
    ("deviceTypeRefs", "2026-11-02"),
];

/// The version that brought the payload of devices.
const PAYLOAD_SINCE: &str = "2019-03-31";

/// The enrollment of the device that asks.
#[derive(Clone, Debug)]
pub(crate) enum Enrolled {
    Individual(Individual),
    Group(Group),
}

impl Enrolled {
    pub(crate) fn terms(&self) -> &Terms {
        match self {
            Self::Individual(individual) => &individual.terms,
            Self::Group(group) => &group.terms,
        }
    }
}

/// Who asks, and what the webhook is told about it.
pub(crate) struct Asked<'a> {
    pub(crate) enrolled: &'a Enrolled,
    pub(crate) id: &'a RegistrationId,
    pub(crate) current: Option<&'a Assignment>,
    pub(crate) evidence: &'a Evidence,
    pub(crate) payload: Option<&'a Value>,
    pub(crate) linked: &'a [HubName],
}

/// `AllocationRequest`, as this version of the API has it.
///
/// Without keys, and with the query of the webhook's URL hidden.
pub(crate) fn request(asked: &Asked<'_>, api_version: &str) -> serde_json::Result<Value> {
    let (name, record) = match asked.enrolled {
        Enrolled::Individual(individual) => {
            ("individualEnrollment", serde_json::to_value(individual)?)
        }
        Enrolled::Group(group) => ("enrollmentGroup", serde_json::to_value(group)?),
    };
    let mut body = Map::new();
    body.insert(name.to_owned(), shown(record, api_version));
    body.insert(
        "deviceRuntimeContext".to_owned(),
        Value::Object(context(asked, api_version)),
    );
    body.insert("linkedHubs".to_owned(), json!(asked.linked));
    Ok(Value::Object(body))
}

fn shown(mut record: Value, api_version: &str) -> Value {
    without_secrets(&mut record);
    if let Some(url) = record.pointer_mut("/customAllocationDefinition/webhookUrl")
        && let Some((before, _)) = url.as_str().and_then(|url| url.split_once('?'))
    {
        *url = json!(format!("{before}?****"));
    }
    if let Some(members) = record.as_object_mut() {
        let later = SINCE.iter().filter(|(_, since)| api_version < *since);
        later.for_each(|(member, _)| drop(members.remove(*member)));
    }
    record
}

fn context(asked: &Asked<'_>, api_version: &str) -> Map<String, Value> {
    let mut context = Map::new();
    let mut put = |name: &str, value: Value| drop(context.insert(name.to_owned(), value));
    put("registrationId", json!(asked.id));
    if let Some(Assignment { hub, device_id }) = asked.current {
        put("currentIotHubHostName", json!(hub));
        put("currentDeviceId", json!(device_id));
    }
    let (kind, shown) = asked.evidence.shown_to_webhook();
    put(kind, shown);
    if let Some(payload) = asked.payload.filter(|_| api_version >= PAYLOAD_SINCE) {
        put("payload", payload.clone());
    }
    context
}
