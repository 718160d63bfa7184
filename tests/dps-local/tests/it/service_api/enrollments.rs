//! Enrollments, one at a time.

use reqwest::Method;
use serde_json::{Value, json};

use super::enrollment;
use crate::harness::{GROUP_KEY, OTHER_KEY, Service, WEST, key};

#[tokio::test]
async fn an_enrollment_comes_back_as_it_was_put() {
    let service = Service::start().await;
    let put = json!({
        "enrollmentGroupId": "Group-1",
        "attestation": { "type": "symmetricKey", "symmetricKey": { "primaryKey": GROUP_KEY, "secondaryKey": OTHER_KEY } },
        "capabilities": { "iotEdge": true },
        "initialTwin": { "tags": { "a": 1 }, "properties": { "desired": { "b": [true] } } },
        "provisioningStatus": "disabled",
        "reprovisionPolicy": { "updateHubAssignment": false, "migrateDeviceData": false },
        "allocationPolicy": "static",
        "iotHubs": [WEST],
        "namespaceName": "of a later version",
    });
    let got = service
        .operator
        .put("enrollmentGroups/group-1", put.clone())
        .await;
    assert_eq!(
        service.operator.get("ENROLLMENTGROUPS/GROUP-1").await.body,
        got
    );
    for (name, value) in put.as_object().unwrap() {
        match name.as_str() {
            "attestation" => assert_eq!(
                got[name],
                json!({ "type": "symmetricKey" }),
                "keys are not shown"
            ),
            _ => assert_eq!(got[name], *value),
        }
    }
    assert_eq!(got["createdDateTimeUtc"], got["lastUpdatedDateTimeUtc"]);
    let keys = service
        .operator
        .post("enrollmentgroups/group-1/attestationmechanism", Value::Null)
        .await;
    assert_eq!(keys.body, put["attestation"]);
    assert_eq!(service.server.group_key("GROUP-1"), Some(key(GROUP_KEY)));
}

#[tokio::test]
async fn keys_that_are_left_out_are_made_once() {
    let service = Service::start().await;
    let mut keys = Vec::new();
    for attestation in [
        json!({ "type": "symmetricKey" }),
        json!({ "type": "symmetricKey", "symmetricKey": { "primaryKey": "" } }),
    ] {
        let mut enrollment = enrollment("dev-1");
        enrollment["attestation"] = attestation;
        service.operator.put("enrollments/dev-1", enrollment).await;
        let mechanism = service
            .operator
            .post("enrollments/dev-1/attestationmechanism", Value::Null)
            .await;
        keys.push(mechanism.body["symmetricKey"]["primaryKey"].clone());
    }
    assert!(keys[0].is_string());
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn an_etag_that_is_old_changes_nothing() {
    let service = Service::start().await;
    let operator = &service.operator;
    let old = operator.put("enrollments/dev-1", enrollment("dev-1")).await["etag"].clone();
    let new = operator.put("enrollments/dev-1", enrollment("dev-1")).await["etag"].clone();
    let (old, new) = (old.as_str().unwrap(), new.as_str().unwrap());
    assert!(new.starts_with('"') && new.ends_with('"') && new != old);
    let send = async |method, etag: &str| {
        let headers = [("If-Match", etag)];
        let (path, body) = ("enrollments/dev-1", enrollment("dev-1"));
        operator.send(method, path, &body, &headers).await
    };
    assert_eq!(send(Method::PUT, old).await.status, 412);
    let put = send(Method::PUT, new.trim_matches('"')).await;
    assert_eq!(put.status, 200, "Node sends it without quotes");
    assert_eq!(send(Method::DELETE, new).await.status, 412);
    let newest = put.body["etag"].as_str().unwrap();
    assert_eq!(send(Method::DELETE, newest).await.status, 204);
    let code = async |path| operator.get(path).await.code();
    assert_eq!(code("enrollments/dev-1").await, (404, Some(404_201)));
    assert_eq!(code("enrollmentGroups/none").await, (404, Some(404_202)));
}

/// An enrollment with this value of a member is refused with this message.
async fn check_refused(service: &Service, member: &str, value: Value, message: &str) {
    let mut enrollment = enrollment("dev-1");
    enrollment[member] = value;
    let (path, operator) = ("enrollments/dev-1", &service.operator);
    let reply = operator.send(Method::PUT, path, &enrollment, &[]).await;
    assert_eq!(reply.code(), (400, Some(400_004)), "{enrollment}");
    let got = reply.body["message"].as_str().unwrap();
    assert!(got.contains(message), "{got}");
}

#[tokio::test]
async fn faults_of_an_enrollment_are_named() {
    let service = Service::start().await;
    let check =
        async |member, value, message| check_refused(&service, member, value, message).await;
    let another = "registrationId is `dev-2`, the path says `dev-1`";
    let required =
        "A CustomAllocationDefinition is required when the allocation policy is set to 'Custom'";
    let not_linked = "`other.azure-devices.net` is not linked to this service";
    let no_hub = "needs a hub in iotHubs";
    let of_service = "contoso-weu-1.service.azure-devices.net";
    let no_host = "is not the host name of a hub";
    check("registrationId", json!("dev-2"), another).await;
    check("registrationId", json!("dev 1"), "may have letters, digits").await;
    check("allocationPolicy", json!("random"), "unknown variant").await;
    check("allocationPolicy", json!("static"), no_hub).await;
    check("allocationPolicy", json!("custom"), required).await;
    check("iotHubs", json!(["other.azure-devices.net"]), not_linked).await;
    check("iotHubs", json!([of_service]), no_host).await;
}

#[tokio::test]
async fn faults_of_an_attestation_are_named() {
    let service = Service::start().await;
    let check = async |kind: &str, stated: Value, message| {
        let attestation = json!({ "type": kind, kind: stated });
        check_refused(&service, "attestation", attestation, message).await;
    };
    let short = json!({ "primaryKey": "AAAA" });
    let none = json!({ "clientCertificates": {} });
    let broken = json!({ "clientCertificates": { "primary": { "certificate": "AAAA" } } });
    let of_group = json!({ "caReferences": { "primary": "x" } });
    let of_individual = "individual enrollments have clientCertificates";
    let endorsement = json!({ "endorsementKey": "AAAA" });
    check("symmetricKey", short, "16 to 64 bytes").await;
    check("x509", none, "primary or a secondary certificate").await;
    check("x509", broken, "has to be X.509").await;
    check("x509", of_group, of_individual).await;
    check("tpm", endorsement, "base64 of a TPM2B_PUBLIC").await;
}
