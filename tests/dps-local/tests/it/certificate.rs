//! X.509: leaves, chains and references, in a real handshake.

use serde_json::{Value, json};

use crate::harness::{Ca, Identity, Service, Validity, WEST, Webhook};

fn signing(primary: &Ca, secondary: Option<&Ca>) -> Value {
    let slot = |ca: &Ca| json!({ "certificate": ca.certificate() });
    json!({ "attestation": { "type": "x509", "x509": { "signingCertificates": {
        "primary": slot(primary), "secondary": secondary.map(slot),
    } } } })
}

async fn individual(service: &Service, id: &str, primary: &str, secondary: Option<&str>) {
    let slot = |certificate: &str| json!({ "certificate": certificate });
    let certificates = json!({ "primary": slot(primary), "secondary": secondary.map(slot) });
    let attestation = json!({ "type": "x509", "x509": { "clientCertificates": certificates } });
    let enrollment = json!({ "registrationId": id, "attestation": attestation });
    service
        .operator
        .put(&format!("enrollments/{id}"), enrollment)
        .await;
}

async fn check_refused(service: &Service, id: &str, identity: &Identity, what: &str) {
    let reply = service
        .device_with_certificate(id, identity)
        .register_with("{}")
        .await;
    assert_eq!(reply.code(), (401, Some(401_002)), "{what}");
    assert_eq!(reply.body["message"], "Invalid certificate.", "{what}");
}

async fn check_assigned(service: &Service, id: &str, identity: &Identity) -> Value {
    let ended = service
        .device_with_certificate(id, identity)
        .register()
        .await;
    assert_eq!(ended["status"], "assigned", "{ended}");
    ended["registrationState"].clone()
}

#[tokio::test]
async fn a_device_registers_with_either_of_its_certificates() {
    let (service, ca) = (Service::start().await, Ca::root("maker"));
    let [old, new] = [(); 2].map(|()| ca.leaf("dev-1", Validity::Now, &[]));
    individual(&service, "dev-1", &old.leaf, Some(&new.leaf)).await;
    for identity in [&old, &new] {
        let state = check_assigned(&service, "dev-1", identity).await;
        let info = &state["x509"]["certificateInfo"];
        assert_eq!(info["subjectName"], "CN=dev-1, O=Contoso");
        let thumbprint = info["sha1Thumbprint"].clone();
        let hub = state["assignedHub"].as_str().unwrap();
        let device = service
            .operator
            .hub(hub, reqwest::Method::GET, "devices/dev-1", Value::Null)
            .await;
        let expected = json!({ "type": "selfSigned", "x509Thumbprint": {
            "primaryThumbprint": thumbprint, "secondaryThumbprint": null,
        } });
        assert_eq!(device.body["authentication"], expected);
    }
    let other = ca.leaf("dev-1", Validity::Now, &[]);
    check_refused(&service, "dev-1", &other, "the same issuer and name").await;
}

#[tokio::test]
async fn a_leaf_has_to_be_valid_now() {
    let (service, ca) = (Service::start().await, Ca::root("maker"));
    for (id, validity) in [("past", Validity::Past), ("future", Validity::Future)] {
        let leaf = ca.leaf(id, validity, &[]);
        individual(&service, id, &leaf.leaf, None).await;
        check_refused(&service, id, &leaf, id).await;
    }
}

#[tokio::test]
async fn the_common_name_is_the_registration_id() {
    let (service, ca) = (Service::start().await, Ca::root("maker"));
    service.operator.group(signing(&ca, None)).await;
    let leaf = ca.leaf("Dev-1", Validity::Now, &[]);
    check_refused(&service, "dev-2", &leaf, "another id").await;
    check_assigned(&service, "dev-1", &leaf).await;
}

#[tokio::test]
async fn a_group_trusts_what_its_certificates_have_issued() {
    let service = Service::start().await;
    let (old, new, foreign) = (Ca::root("old"), Ca::root("new"), Ca::root("old"));
    service.operator.group(signing(&old, Some(&new))).await;
    for (id, ca) in [("dev-1", &old), ("dev-2", &new)] {
        let state = check_assigned(&service, id, &ca.leaf(id, Validity::Now, &[])).await;
        assert_eq!(state["x509"]["enrollmentGroupId"], "group");
        let signing = &state["x509"]["signingCertificateInfo"]["subjectName"];
        assert_eq!(
            *signing,
            json!(if id == "dev-1" {
                "CN=old, O=Contoso"
            } else {
                "CN=new, O=Contoso"
            })
        );
    }
    check_refused(
        &service,
        "dev-3",
        &foreign.leaf("dev-3", Validity::Now, &[]),
        "the same name",
    )
    .await;
    check_refused(
        &service,
        "dev-3",
        &old.leaf("dev-3", Validity::Past, &[]),
        "expired",
    )
    .await;
    check_refused(
        &service,
        "dev-3",
        &old.leaf("dev-3", Validity::Future, &[]),
        "not yet valid",
    )
    .await;
}

#[tokio::test]
async fn a_chain_is_followed_to_the_group() {
    let service = Service::start().await;
    let root = Ca::root("root");
    let (factory, stranger) = (
        root.intermediate("factory"),
        Ca::root("root").intermediate("factory"),
    );
    let line = factory.intermediate("line");
    service.operator.group(signing(&root, None)).await;
    let whole = line.leaf("dev-1", Validity::Now, &[&line, &factory]);
    check_assigned(&service, "dev-1", &whole).await;
    check_assigned(
        &service,
        "dev-2",
        &factory.leaf("dev-2", Validity::Now, &[&factory, &root]),
    )
    .await;
    let part = line.leaf("dev-3", Validity::Now, &[&line]);
    check_refused(&service, "dev-3", &part, "a link is missing").await;
    let foreign = stranger.leaf("dev-3", Validity::Now, &[&factory]);
    check_refused(&service, "dev-3", &foreign, "another key of the same name").await;
}

#[tokio::test]
async fn the_group_nearest_to_the_leaf_counts() {
    let service = Service::start().await;
    let root = Ca::root("root");
    let factory = root.intermediate("factory");
    service.operator.group(signing(&root, None)).await;
    let mut near = signing(&factory, None);
    near["enrollmentGroupId"] = json!("near");
    service.operator.put("enrollmentGroups/near", near).await;
    let leaf = factory.leaf("dev-1", Validity::Now, &[&factory]);
    let state = check_assigned(&service, "dev-1", &leaf).await;
    assert_eq!(state["x509"]["enrollmentGroupId"], "near");
}

#[tokio::test]
async fn a_certificate_without_enrollment_is_refused() {
    let (service, ca) = (Service::start().await, Ca::root("maker"));
    service.operator.group(json!({})).await;
    let leaf = ca.leaf("dev-1", Validity::Now, &[]);
    check_refused(&service, "dev-1", &leaf, "no group with certificates").await;
}

#[tokio::test]
async fn a_reference_counts_once_its_key_was_shown() {
    let (service, ca) = (Service::start().await, Ca::root("root"));
    let operator = &service.operator;
    let reference = json!({ "attestation": { "type": "x509", "x509": { "caReferences": { "primary": "My-Root" } } } });
    let put = async || {
        let mut group = reference.clone();
        group["enrollmentGroupId"] = json!("group");
        operator
            .send(reqwest::Method::PUT, "enrollmentGroups/group", &group, &[])
            .await
    };
    assert_eq!(
        put().await.code(),
        (400, Some(400_004)),
        "no such certificate"
    );
    let added = operator
        .put(
            "certificates/my-root",
            json!({ "properties": { "certificate": ca.certificate() } }),
        )
        .await;
    assert_eq!(added["properties"]["isVerified"], false);
    assert_eq!(put().await.status, 400, "not verified");

    let challenge = operator
        .post("certificates/my-root/generateVerificationCode", Value::Null)
        .await;
    let code = challenge.body["properties"]["verificationCode"]
        .as_str()
        .unwrap()
        .to_owned();
    let foreign = Ca::root("root");
    for (what, proof) in [
        ("another code", ca.leaf("other", Validity::Now, &[])),
        ("another CA", foreign.leaf(&code, Validity::Now, &[])),
        ("expired", ca.leaf(&code, Validity::Past, &[])),
    ] {
        let reply = operator
            .post(
                "certificates/my-root/verify",
                json!({ "certificate": proof.leaf }),
            )
            .await;
        assert_eq!(reply.status, 400, "{what}");
    }
    let proof = json!({ "certificate": ca.leaf(&code, Validity::Now, &[]).leaf });
    let verified = operator
        .post("certificates/my-root/verify", proof.clone())
        .await;
    assert_eq!(verified.body["properties"]["isVerified"], true);
    assert_eq!(
        operator
            .post("certificates/my-root/verify", proof)
            .await
            .status,
        400,
        "a code is good once"
    );

    assert_eq!(put().await.status, 200);
    check_assigned(&service, "dev-1", &ca.leaf("dev-1", Validity::Now, &[])).await;
    operator.delete("certificates/my-root").await;
    check_refused(
        &service,
        "dev-1",
        &ca.leaf("dev-1", Validity::Now, &[]),
        "no longer there",
    )
    .await;
}

#[tokio::test]
async fn the_webhook_gets_the_leaf() {
    let (service, ca) = (Service::start().await, Ca::root("root"));
    let webhook = Webhook::assigning(WEST).await;
    let mut members = webhook.members();
    members["attestation"] = signing(&ca, None)["attestation"].clone();
    service.operator.group(members).await;
    let leaf = ca.leaf("dev-1", Validity::Now, &[]);
    check_assigned(&service, "dev-1", &leaf).await;
    let request = webhook.called().pop().unwrap();
    assert_eq!(
        request["deviceRuntimeContext"]["x509"],
        json!({ "clientCertificate": leaf.leaf })
    );
    let primary =
        &request["enrollmentGroup"]["attestation"]["x509"]["signingCertificates"]["primary"];
    assert_eq!(primary["info"]["subjectName"], "CN=root, O=Contoso");
    assert_eq!(primary.get("certificate"), None);
}
