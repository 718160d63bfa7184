//! Requests as bytes: what is read, what is tolerated, what is refused and how that is told.

use dps_allocation::{Attestation, EnrollmentKind, Registration};
use serde_json::{Value, json};

use crate::fleet::Device;

fn base() -> Value {
    serde_json::from_str(&Device::new("Pump-7").linked(&["A.net"]).body()).unwrap()
}

/// The request with one member set, by its JSON pointer; the parents must be there.
fn with(pointer: &str, value: Value) -> String {
    let mut body = base();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[member] = value;
    body.to_string()
}

/// The request without a member.
fn without(pointer: &str) -> String {
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
fn refused(body: impl AsRef<[u8]>, expected: &str) {
    let error = Registration::parse(body.as_ref()).unwrap_err().to_string();
    assert_eq!(error, expected);
}

#[track_caller]
fn read<T>(body: &str, show: impl FnOnce(Registration<'_>) -> T) -> T {
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
fn unknown_members_and_forms_that_nobody_reads_do_not_matter() {
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
fn both_spellings_of_the_current_hub_are_read() {
    let hub = |body: &str| read(body, |it| it.current_hub.map(|hub| hub.to_string()));
    let current =
        |member: &str, value: Value| with(&format!("/deviceRuntimeContext/{member}"), value);
    assert_eq!(
        hub(&current("currentIotHubHostName", json!("Weu.net"))).as_deref(),
        Some("Weu.net")
    );
    assert_eq!(
        hub(&current("currentIoTHubHostName", json!("Weu.net"))).as_deref(),
        Some("Weu.net")
    );
    assert_eq!(
        hub(&current("currentIothubhostname", json!("Weu.net"))),
        None
    );
    assert_eq!(hub(&current("currentIotHubHostName", json!(""))), None);
    assert_eq!(hub(&current("currentIoTHubHostName", json!(""))), None);
    let both = with(
        "/deviceRuntimeContext/currentIotHubHostName",
        json!("a.net"),
    );
    let both = both.replace(
        "\"registrationId\"",
        "\"currentIoTHubHostName\": \"b.net\", \"registrationId\"",
    );
    assert_eq!(hub(&both).as_deref(), Some("a.net"));
}

#[test]
fn the_attestation_is_told_by_the_devices_member_or_by_the_enrollment() {
    let kind = |device: Value, enrollment: Value| {
        let mut body = base();
        body["deviceRuntimeContext"]
            .as_object_mut()
            .unwrap()
            .remove("symmetricKey");
        for (member, value) in device.as_object().unwrap() {
            body["deviceRuntimeContext"][member] = value.clone();
        }
        body["enrollmentGroup"]["attestation"] = enrollment;
        read(&body.to_string(), |it| {
            it.attestation.as_ref().map(Attestation::as_str)
        })
    };
    let none = || json!({"type": "none"});
    assert_eq!(kind(json!({"x509": {}}), none()), Some("x509"));
    assert_eq!(
        kind(json!({"x509": {"clientCertificate": "AA=="}}), none()),
        Some("x509")
    );
    assert_eq!(
        kind(json!({"symmetricKey": {}}), none()),
        Some("symmetricKey")
    );
    assert_eq!(
        kind(json!({"tpm": {"endorsementKey": "AA=="}}), none()),
        Some("tpm")
    );
    assert_eq!(kind(json!({}), none()), None);
    assert_eq!(kind(json!({}), json!(null)), None);
    assert_eq!(
        kind(json!({}), json!({"type": "x509", "x509": {}})),
        Some("x509")
    );
    assert_eq!(
        kind(json!({}), json!({"type": "symmetricKey"})),
        Some("symmetricKey")
    );
    assert_eq!(kind(json!({}), json!({"type": "tpm"})), Some("tpm"));
    assert_eq!(kind(json!({}), json!({"type": 7})), None);
    assert_eq!(kind(json!({}), json!("x509")), None);
    assert_eq!(
        kind(json!({"x509": {}, "tpm": {}}), json!({"type": "tpm"})),
        Some("x509")
    );
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
        assert_eq!(registration.linked_hubs.len(), 1)
    });
}

#[test]
fn individual_enrollments_and_groups_are_told_apart() {
    read(&base().to_string(), |registration| {
        assert_eq!(registration.enrollment.kind, EnrollmentKind::Group);
        assert_eq!(registration.enrollment.id.as_str(), "group");
    });
    let individual = with("/individualEnrollment", json!({"registrationId": "PUMP-7"}));
    refused(
        &individual,
        "the request holds both of `individualEnrollment` and `enrollmentGroup`; DPS sends one",
    );
    let individual = individual.replace("\"enrollmentGroup\"", "\"other\"");
    read(&individual, |registration| {
        assert_eq!(registration.enrollment.kind, EnrollmentKind::Individual);
        assert_eq!(registration.enrollment.id.as_str(), "pump-7");
    });
    refused(
        without("/enrollmentGroup"),
        "the request holds neither of `individualEnrollment` and `enrollmentGroup`; DPS sends one",
    );
    refused(
        with("/enrollmentGroup", json!({})),
        "`enrollmentGroup.enrollmentGroupId` is missing; it names the enrollment",
    );
    refused(
        without("/enrollmentGroup").replacen('{', "{\"individualEnrollment\":{},", 1),
        "`individualEnrollment.registrationId` is missing; it names the enrollment",
    );
}

#[test]
fn depth_that_nobody_reads_does_not_matter() {
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
                assert_eq!(registration.id.as_str(), "pump-7")
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
fn a_certificate_is_not_read_with_the_request() {
    let body = with(
        "/deviceRuntimeContext/x509",
        json!({"clientCertificate": "not a certificate"}),
    );
    read(&body, |registration| {
        let Some(Attestation::X509(Some(text))) = registration.attestation else {
            panic!()
        };
        assert_eq!(&*text, "not a certificate");
    });
}

#[test]
fn no_linked_hub_is_a_request_without_an_answer() {
    read(&with("/linkedHubs", json!([])), |registration| {
        assert!(registration.linked_hubs.is_empty())
    });
}
