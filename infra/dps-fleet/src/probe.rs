//! Requests that ask a webhook about each enrollment, as DPS would post them.

use dps_allocation::HubName;
use dps_allocation::tables::{Canonical, TableName, Tables};
use serde_json::json;

/// What stands for `*` in the pattern of an enrollment: a registration id says so in every log.
const IN_PLACE_OF_STAR: &str = "probe";

/// A request for one row of the table `enrollments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The row, as it is written.
    pub enrollment: String,
    /// The body of the request.
    pub body: Vec<u8>,
}

/// A request for each enrollment, in the order of the rows: a device with a symmetric key, without
/// a payload and without a hub, to which every hub of the tables is linked.
///
/// It proves nothing about who the device is, so an enrollment whose tenant comes from a
/// certificate refuses it. A request for it would need the certificate of a device.
#[must_use]
pub fn probes(tables: &Tables) -> Vec<Probe> {
    let (rows, _findings) = Canonical::read(tables);
    let hubs = rows.rows(TableName::Hubs);
    let hubs: Vec<String> = hubs
        .filter_map(|row| HubName::parse(row.key()).ok())
        .map(|name| name.as_str().to_owned())
        .collect();
    let enrollments = rows.rows(TableName::Enrollments);
    enrollments.map(|row| probe(row.key(), &hubs)).collect()
}

fn probe(enrollment: &str, hubs: &[String]) -> Probe {
    let id = enrollment.replace('*', IN_PLACE_OF_STAR);
    let is_pattern = id != enrollment;
    let registration = if is_pattern { &id } else { IN_PLACE_OF_STAR };
    // A pattern stands for individual enrollments, whose ids are those of their devices.
    let (member, name) = if is_pattern {
        ("individualEnrollment", "registrationId")
    } else {
        ("enrollmentGroup", "enrollmentGroupId")
    };
    let body = json!({
        (member): {
            (name): id,
            "attestation": {"type": "symmetricKey"},
            "capabilities": {"iotEdge": false},
            "reprovisionPolicy": {"updateHubAssignment": true, "migrateDeviceData": true},
            "allocationPolicy": "custom",
        },
        "deviceRuntimeContext": {"registrationId": registration, "symmetricKey": {}},
        "linkedHubs": hubs,
    });
    Probe {
        enrollment: enrollment.to_owned(),
        body: body.to_string().into_bytes(),
    }
}
