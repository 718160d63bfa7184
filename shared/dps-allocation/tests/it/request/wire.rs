//! Requests as bytes: what is read, what is tolerated, what is rejected, and the errors.

use dps_allocation::Registration;
use serde_json::{Value, json};

use crate::fleet::Device;

pub(crate) fn base() -> Value {
    serde_json::from_str(&Device::new("Pump-7").linked(&["A.net"]).body()).unwrap()
}

/// The request with one member set, by its JSON pointer; the parents must be there.
pub(crate) fn with(pointer: &str, value: Value) -> String {
    let mut body = base();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[member] = value;
    body.to_string()
}

/// The request without a member.
pub(crate) fn without(pointer: &str) -> String {
    let mut body = base();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent)
        .unwrap()
        .as_object_mut()
        .unwrap()
        .remove(member);
    body.to_string()
}

#[track_caller]
pub(crate) fn refused(body: impl AsRef<[u8]>, expected: &str) {
    let error = Registration::parse(body.as_ref()).unwrap_err().to_string();
    assert_eq!(error, expected);
}

#[track_caller]
pub(crate) fn read<T>(body: &str, show: impl FnOnce(Registration<'_>) -> T) -> T {
    show(Registration::parse(body.as_bytes()).unwrap_or_else(|error| panic!("{error}: {body}")))
}

#[test]
fn null_is_absent_everywhere() {
    let all = |body: &str| read(body, |registration| format!("{registration:?}"));
    let absent = all(&base().to_string());
    let device = [
        "currentIotHubHostName",
        "currentIoTHubHostName",
        "currentDeviceId",
        "x509",
        "tpm",
        "payload",
    ];
    for member in device {
        assert_eq!(
            all(&with(
                &format!("/deviceRuntimeContext/{member}"),
                json!(null)
            )),
            absent
        );
    }
    let enrollment = [
        "registrationId",
        "deviceId",
        "optionalDeviceInformation",
        "capabilities",
        "iotHubHostName",
        "initialTwin",
        "etag",
        "provisioningStatus",
        "reprovisionPolicy",
        "createdDateTimeUtc",
        "lastUpdatedDateTimeUtc",
        "allocationPolicy",
        "iotHubs",
        "customAllocationDefinition",
        "registrationState",
        "credentialPolicyName",
    ];
    for member in enrollment {
        assert_eq!(
            all(&with(&format!("/enrollmentGroup/{member}"), json!(null))),
            absent
        );
    }
    assert_eq!(all(&with("/individualEnrollment", json!(null))), absent);
    let capabilities = with("/enrollmentGroup/capabilities", json!({"iotEdge": null}));
    assert_eq!(all(&capabilities), absent);
    let policy = json!({"updateHubAssignment": null, "migrateDeviceData": null});
    assert_eq!(
        all(&with("/enrollmentGroup/reprovisionPolicy", policy)),
        absent
    );
}

#[test]
fn unknown_and_unread_members_do_not_matter() {
    let all = |body: &str| read(body, |registration| format!("{registration:?}"));
    let absent = all(&base().to_string());
    for value in [
        json!(1),
        json!("x"),
        json!([[]]),
        json!({"deep": {"er": [null]}}),
        json!(true),
    ] {
        assert_eq!(all(&with("/futureMember", value.clone())), absent);
        assert_eq!(
            all(&with("/deviceRuntimeContext/futureMember", value.clone())),
            absent
        );
        assert_eq!(
            all(&with("/enrollmentGroup/futureMember", value.clone())),
            absent
        );
        for member in [
            "deviceId",
            "etag",
            "iotHubs",
            "customAllocationDefinition",
            "iotHubHostName",
        ] {
            assert_eq!(
                all(&with(&format!("/enrollmentGroup/{member}"), value.clone())),
                absent
            );
        }
        assert_eq!(
            all(&with("/deviceRuntimeContext/currentDeviceId", value)),
            absent
        );
    }
}

#[test]
fn any_json_value_is_a_payload() {
    let payload = |json: &str| {
        let body = with("/deviceRuntimeContext/payload", json!("HERE")).replace("\"HERE\"", json);
        read(&body, |it| {
            it.payload.map(|payload| payload.get().to_owned())
        })
    };
    for json in [
        "{}",
        "[]",
        "\"text\"",
        "7",
        "-0.5e3",
        "true",
        "1e999",
        "\"\\ud800\"",
        "{\"a\":{\"a\":1}}",
    ] {
        assert_eq!(payload(json).as_deref(), Some(json));
    }
    assert_eq!(payload("null"), None);
}

#[test]
fn escapes_in_strings_are_read() {
    let escaped = base()
        .to_string()
        .replace("Pump-7", "\\u0050ump\\u002d7")
        .replace("A.net", "\\u0041\\u002Enet");
    read(&escaped, |registration| {
        assert_eq!(registration.id.as_str(), "pump-7");
        assert_eq!(&*registration.linked_hubs[0], "A.net");
    });
    let member = base()
        .to_string()
        .replace("\"linkedHubs\"", "\"linked\\u0048ubs\"");
    read(&member, |registration| {
        assert_eq!(registration.linked_hubs.len(), 1);
    });
}

#[test]
fn the_depth_of_unread_members_does_not_matter() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let objects = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    for json in [deep, objects] {
        for pointer in [
            "/deviceRuntimeContext/payload",
            "/enrollmentGroup/initialTwin",
            "/enrollmentGroup/attestation",
            "/enrollmentGroup/futureMember",
            "/futureMember",
        ] {
            let body = with(pointer, json!("HERE")).replace("\"HERE\"", &json);
            read(&body, |registration| {
                assert_eq!(registration.id.as_str(), "pump-7");
            });
            // Read twice over to find the place of an error behind it.
            let broken = body.replace("\"linkedHubs\":[\"A.net\"]", "\"linkedHubs\":7");
            assert!(broken != body);
            let error = Registration::parse(broken.as_bytes())
                .unwrap_err()
                .to_string();
            assert!(
                error.starts_with("`linkedHubs`: expected a sequence, at line 1"),
                "{error}"
            );
        }
    }
}

#[test]
fn no_linked_hub_is_a_request_without_an_answer() {
    read(&with("/linkedHubs", json!([])), |registration| {
        assert!(registration.linked_hubs.is_empty());
    });
}
