//! What operators can do, and with which right.

use dps_local::{SymmetricKey, sign};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{GROUP_KEY, OTHER_KEY, Operator, Service, WEST, key, later};

fn enrollment(id: &str) -> Value {
    json!({ "registrationId": id, "attestation": { "type": "symmetricKey" } })
}

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
    let put = async |etag: &str| {
        let headers = [("If-Match", etag)];
        operator
            .send(
                Method::PUT,
                "enrollments/dev-1",
                &enrollment("dev-1"),
                &headers,
            )
            .await
    };
    assert_eq!(put(old).await.status, 412);
    let put = put(new.trim_matches('"')).await;
    assert_eq!(put.status, 200, "Node sends it without quotes");
    let delete = async |etag: &str| {
        operator
            .send(
                Method::DELETE,
                "enrollments/dev-1",
                &Value::Null,
                &[("If-Match", etag)],
            )
            .await
    };
    assert_eq!(delete(new).await.status, 412);
    assert_eq!(delete(put.body["etag"].as_str().unwrap()).await.status, 204);
    assert_eq!(
        operator.get("enrollments/dev-1").await.code(),
        (404, Some(404_201))
    );
    assert_eq!(
        operator.get("enrollmentGroups/none").await.code(),
        (404, Some(404_202))
    );
}

#[tokio::test]
async fn faults_of_an_enrollment_are_named() {
    let service = Service::start().await;
    for (members, message) in [
        (
            json!({ "allocationPolicy": "custom" }),
            "A CustomAllocationDefinition is required when the allocation policy is set to 'Custom'",
        ),
        (
            json!({ "iotHubs": ["other.azure-devices.net"] }),
            "`other.azure-devices.net` is not linked to this service",
        ),
        (
            json!({ "iotHubs": ["contoso-weu-1.service.azure-devices.net"] }),
            "is not the host name of a hub",
        ),
        (
            json!({ "allocationPolicy": "static" }),
            "needs a hub in iotHubs",
        ),
        (json!({ "allocationPolicy": "random" }), "unknown variant"),
        (
            json!({ "registrationId": "dev-2" }),
            "registrationId is `dev-2`, the path says `dev-1`",
        ),
        (
            json!({ "registrationId": "dev 1" }),
            "may have letters, digits",
        ),
        (
            json!({ "attestation": { "type": "symmetricKey", "symmetricKey": { "primaryKey": "AAAA" } } }),
            "16 to 64 bytes",
        ),
        (
            json!({ "attestation": { "type": "x509", "x509": { "clientCertificates": {} } } }),
            "primary or a secondary certificate",
        ),
        (
            json!({ "attestation": { "type": "x509", "x509": { "clientCertificates": { "primary": { "certificate": "AAAA" } } } } }),
            "has to be X.509",
        ),
        (
            json!({ "attestation": { "type": "x509", "x509": { "caReferences": { "primary": "x" } } } }),
            "individual enrollments have clientCertificates",
        ),
        (
            json!({ "attestation": { "type": "tpm", "tpm": { "endorsementKey": "AAAA" } } }),
            "`tpm` is not supported",
        ),
    ] {
        let mut enrollment = enrollment("dev-1");
        enrollment
            .as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        let reply = service
            .operator
            .send(Method::PUT, "enrollments/dev-1", &enrollment, &[])
            .await;
        assert_eq!(reply.code(), (400, Some(400_004)), "{members}");
        let got = reply.body["message"].as_str().unwrap();
        assert!(got.contains(message), "{got}");
    }
}

#[tokio::test]
async fn bulk_operations_report_each_fault() {
    let service = Service::start().await;
    let bulk = async |mode: &str, enrollments: Value| {
        let body = json!({ "mode": mode, "enrollments": enrollments });
        service.operator.post("enrollments", body).await.body
    };
    let created = bulk("create", json!([enrollment("dev-1"), enrollment("dev-2")])).await;
    assert_eq!(created, json!({ "isSuccessful": true }));
    let again = bulk("create", json!([enrollment("dev-2"), enrollment("dev-3")])).await;
    assert_eq!(again["isSuccessful"], false);
    assert_eq!(
        again["errors"],
        json!([{ "registrationId": "dev-2", "errorCode": 409_000, "errorStatus": "Enrollment exists already." }])
    );
    assert_eq!(service.operator.get("enrollments/dev-3").await.status, 200);
    let updated = bulk("update", json!([enrollment("dev-1"), enrollment("dev-9")])).await;
    assert_eq!(updated["errors"][0]["errorCode"], 404_201);
    let mut stale = enrollment("dev-1");
    stale["etag"] = json!("\"old\"");
    assert_eq!(
        bulk("updateIfMatchETag", json!([stale])).await["errors"][0]["errorCode"],
        412_000
    );
    let deleted = bulk(
        "delete",
        json!([{ "registrationId": "dev-1" }, { "registrationId": "dev-2" }]),
    )
    .await;
    assert_eq!(deleted, json!({ "isSuccessful": true }));
    let eleven: Vec<Value> = (0..11).map(|n| enrollment(&format!("dev-{n}"))).collect();
    assert_eq!(bulk("create", json!(eleven)).await["errorCode"], 400_004);
}

#[tokio::test]
async fn queries_come_in_pages() {
    let service = Service::start().await;
    for number in 0..5 {
        let mut enrollment = enrollment(&format!("dev-{number}"));
        enrollment["initialTwin"] = json!({ "tags": { "n": number, "odd": number % 2 == 1 } });
        service
            .operator
            .put(&format!("enrollments/dev-{number}"), enrollment)
            .await;
    }
    let query = json!({ "query": "SELECT * FROM enrollments" });
    let (mut ids, mut continuation) = (Vec::new(), String::new());
    let mut pages = 0;
    loop {
        let headers = [
            ("x-ms-max-item-count", "2"),
            ("x-ms-continuation", continuation.as_str()),
        ];
        let page = service
            .operator
            .send(Method::POST, "enrollments/query", &query, &headers)
            .await;
        assert_eq!(page.header("x-ms-item-type"), Some("Enrollment"));
        let items = page.body.as_array().unwrap();
        ids.extend(
            items
                .iter()
                .map(|item| item["registrationId"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        match page.header("x-ms-continuation") {
            Some(next) => next.clone_into(&mut continuation),
            None => break,
        }
    }
    assert_eq!(
        (pages, ids),
        (
            3,
            ["dev-0", "dev-1", "dev-2", "dev-3", "dev-4"]
                .map(str::to_owned)
                .to_vec()
        )
    );
}

#[tokio::test]
async fn queries_select_by_members() {
    let service = Service::start().await;
    for number in 0..4 {
        let mut enrollment = enrollment(&format!("dev-{number}"));
        enrollment["initialTwin"] = json!({ "tags": { "n": number, "odd": number % 2 == 1 } });
        service
            .operator
            .put(&format!("enrollments/dev-{number}"), enrollment)
            .await;
    }
    for (condition, expected) in [
        ("", "0123"),
        ("WHERE initialTwin.tags.n >= 2", "23"),
        (
            "where initialTwin.tags.odd = true and initialTwin.tags.n < 3",
            "1",
        ),
        (
            "WHERE NOT initialTwin.tags.odd = true OR initialTwin.tags.n > 2",
            "023",
        ),
        (
            "WHERE (registrationId = 'dev-0' OR registrationId='dev-1') AND initialTwin.tags.n <> 0",
            "1",
        ),
        ("WHERE attestation.type = 'x509'", ""),
        ("WHERE initialTwin.tags.none = 1", ""),
    ] {
        let query = json!({ "query": format!("select * from enrollments {condition}") });
        let found = service.operator.post("enrollments/query", query).await.body;
        let found: String = found
            .as_array()
            .unwrap()
            .iter()
            .map(|item| {
                item["registrationId"]
                    .as_str()
                    .unwrap()
                    .strip_prefix("dev-")
                    .unwrap()
                    .to_owned()
            })
            .collect();
        assert_eq!(found, expected, "{condition}");
    }
    let deep = format!(
        "SELECT * FROM enrollments WHERE {}a = 1",
        "(".repeat(10_000)
    );
    for query in [
        "",
        "DROP TABLE",
        "SELECT * FROM devices",
        "SELECT * FROM enrollments WHERE",
        "SELECT * FROM enrollments WHERE a =",
        "SELECT * FROM enrollments WHERE a = 'b",
        "SELECT * FROM enrollments WHERE a = 1 b",
        "SELECT * FROM enrollments ORDER",
        "§",
        &deep,
    ] {
        let reply = service
            .operator
            .post("enrollments/query", json!({ "query": query }))
            .await;
        assert_eq!(reply.code(), (400, Some(400_004)), "{query:.60}");
    }
}

#[tokio::test]
async fn registrations_of_a_group_are_listed() {
    let service = Service::start().await;
    service
        .operator
        .group(json!({ "allocationPolicy": "static", "iotHubs": [WEST] }))
        .await;
    for id in ["dev-1", "dev-2"] {
        service.device(id).register().await;
    }
    let listed = service
        .operator
        .post(
            "registrations/GROUP/query",
            json!({ "query": "SELECT * FROM x" }),
        )
        .await;
    assert_eq!(listed.header("x-ms-item-type"), Some("DeviceRegistration"));
    let hubs: Vec<&Value> = listed
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["assignedHub"])
        .collect();
    assert_eq!(hubs, [WEST, WEST]);
    let statistics = service
        .operator
        .hub(WEST, Method::GET, "statistics/devices", Value::Null)
        .await;
    assert_eq!(statistics.body["totalDeviceCount"], 2);
    assert_eq!(
        service
            .operator
            .post("registrations/none/query", Value::Null)
            .await
            .code(),
        (404, Some(404_202))
    );
}

#[tokio::test]
async fn deleting_an_enrollment_forgets_the_device_of_an_individual_one() {
    let service = Service::start().await;
    let mut individual = enrollment("dev-1");
    individual["attestation"]["symmetricKey"] = json!({ "primaryKey": OTHER_KEY });
    service.operator.put("enrollments/dev-1", individual).await;
    service.operator.group(json!({})).await;
    service
        .device_with_key("dev-1", &key(OTHER_KEY))
        .register()
        .await;
    service.device("dev-2").register().await;
    service.operator.delete("enrollments/dev-1").await;
    service.operator.delete("enrollmentGroups/group").await;
    assert_eq!(
        service.operator.get("registrations/dev-1").await.status,
        404
    );
    assert_eq!(
        service.operator.get("registrations/dev-2").await.status,
        200
    );
}

#[tokio::test]
async fn each_right_opens_its_own_doors() {
    let service = Service::start().await;
    service
        .operator
        .put("enrollments/dev-1", enrollment("dev-1"))
        .await;
    let doors = [
        ("EnrollmentRead", Method::GET, "enrollments/dev-1"),
        ("EnrollmentWrite", Method::PUT, "enrollments/dev-1"),
        (
            "EnrollmentWrite",
            Method::POST,
            "enrollments/dev-1/attestationmechanism",
        ),
        ("RegistrationStatusRead", Method::GET, "registrations/dev-1"),
        (
            "RegistrationStatusWrite",
            Method::DELETE,
            "registrations/dev-1",
        ),
        ("ServiceConfig", Method::GET, "linkedHubs"),
        ("ServiceConfig", Method::GET, "certificates"),
        ("ServiceConfig", Method::GET, "keys"),
    ];
    for right in [
        "EnrollmentRead",
        "EnrollmentWrite",
        "RegistrationStatusRead",
        "RegistrationStatusWrite",
        "ServiceConfig",
        "DeviceConnect",
    ] {
        let policy = json!({ "keyName": right, "primaryKey": OTHER_KEY, "secondaryKey": GROUP_KEY, "rights": [right] });
        service.operator.put(&format!("keys/{right}"), policy).await;
        let operator = Operator::new(&service.server, right, &key(OTHER_KEY));
        for (needed, method, path) in &doors {
            let reply = operator
                .send(method.clone(), path, &enrollment("dev-1"), &[])
                .await;
            assert_eq!(
                reply.status != 401,
                right == *needed,
                "{right} {method} {path}: {}",
                reply.body
            );
        }
    }
}

#[tokio::test]
async fn bad_tokens_of_operators_are_refused() {
    let service = Service::start().await;
    let (host, owner) = (service.server.host(), service.server.owner_key().unwrap());
    let name = Some("provisioningserviceowner");
    let expired = Timestamp::now() - SignedDuration::from_secs(1);
    for (what, token) in [
        ("another key", sign(&key(OTHER_KEY), &host, name, later())),
        (
            "another service",
            sign(
                &owner,
                "other.azure-devices-provisioning.net",
                name,
                later(),
            ),
        ),
        (
            "another policy",
            sign(&owner, &host, Some("other"), later()),
        ),
        ("no policy", sign(&owner, &host, None, later())),
        ("expired", sign(&owner, &host, name, expired)),
        ("garbage", "SharedAccessSignature x".to_owned()),
    ] {
        let operator = Operator::new(&service.server, "x", &owner).with_token(token);
        assert_eq!(
            operator.get("enrollments/dev-1").await.code(),
            (401, Some(401_002)),
            "{what}"
        );
    }
}

#[tokio::test]
async fn keys_of_a_policy_are_rotated_one_after_the_other() {
    let service = Service::start().await;
    let rotated = [SymmetricKey::random(), SymmetricKey::random()];
    let policy = json!({
        "keyName": "provisioningserviceowner",
        "primaryKey": rotated[0],
        "secondaryKey": rotated[1],
        "rights": ["ServiceConfig", "EnrollmentRead"],
    });
    service
        .operator
        .put("keys/provisioningserviceowner", policy)
        .await;
    assert_eq!(service.operator.get("keys").await.status, 401);
    for key in &rotated {
        let operator = Operator::new(&service.server, "provisioningserviceowner", key);
        assert_eq!(operator.get("keys").await.status, 200);
    }
}
