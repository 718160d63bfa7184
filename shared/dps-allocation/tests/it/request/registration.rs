//! What a registration says, wherever the request says it.

use dps_allocation::{Attestation, EnrollmentKind};
use serde_json::{Value, json};

use super::wire::{base, read, refused, with, without};

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
fn the_device_or_the_enrollment_names_the_attestation() {
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
            it.attestation.as_ref().map(|it| it.kind().as_str())
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
fn individual_enrollments_and_groups_are_distinguished() {
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
