//! Certificates that the service issues: by the policy of the enrollment, for the device that asks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, KeyPair,
    PublicKeyData as _,
};
use rmqtt_codec::v3::ConnectAckReason;
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use x509_parser::parse_x509_certificate;

use crate::harness::{GROUP_KEY, Identity, Mqtt, Service, WEST, Webhook, key, later};

/// A CSR that also asks to become an authority, and its key.
fn csr(common_name: &str) -> (Vec<u8>, KeyPair) {
    let (mut params, key) = (CertificateParams::default(), KeyPair::generate().unwrap());
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let request = params.serialize_request(&key).unwrap();
    (request.der().to_vec(), key)
}

/// A service whose group issues certificates, and has a webhook.
async fn service() -> (Service, Webhook) {
    let (service, webhook) = (Service::start().await, Webhook::assigning(WEST).await);
    let mut members = webhook.members();
    members["certificatePolicyName"] = json!("pumps");
    service.operator.group(members).await;
    (service, webhook)
}

/// Certificates of an answer, as DER.
fn chain(answer: &Value) -> Vec<Vec<u8>> {
    let chain = answer["registrationState"]["issuedCertificateChain"].as_array();
    let chain = chain
        .unwrap_or_else(|| panic!("{answer} has a chain"))
        .iter();
    chain
        .map(|it| STANDARD.decode(it.as_str().unwrap()).unwrap())
        .collect()
}

/// The device on its hub, with a certificate or with its key.
async fn connected(service: &Service, identity: Option<&Identity>) -> ConnectAckReason {
    let mut mqtt = Mqtt::open(&service.server, WEST, identity).await;
    let resource = format!("{WEST}/devices/dev-1");
    let token = dps_local::sign(&key(GROUP_KEY).derive("dev-1"), &resource, None, later());
    let user_name = format!("{WEST}/dev-1/?api-version=2021-04-12");
    let token = identity.is_none().then_some(token.as_str());
    mqtt.connect("dev-1", &user_name, token).await
}

#[tokio::test]
async fn a_device_is_issued_a_chain_and_connects_with_it() {
    let (service, webhook) = service().await;
    let (request, key) = csr("dev-1");
    let asking = json!({ "registrationId": "dev-1", "csr": STANDARD.encode(&request) });
    let device = service.device("dev-1");
    let answer = device.provision(asking.clone()).await;
    assert_eq!(answer["status"], "assigned", "{answer}");

    let issued = chain(&answer);
    let parsed: Vec<_> = issued
        .iter()
        .map(|der| parse_x509_certificate(der).unwrap().1)
        .collect();
    let [leaf, issuing, root] = &parsed[..] else {
        panic!("{} certificates", parsed.len());
    };
    assert_eq!(leaf.subject().to_string(), "CN=dev-1");
    assert!(!leaf.is_ca(), "whatever it asks for");
    assert_eq!(leaf.public_key().raw, key.subject_public_key_info());
    for (certificate, issuer) in [(leaf, issuing), (issuing, root), (root, root)] {
        assert_eq!(certificate.issuer(), issuer.subject());
        certificate
            .verify_signature(Some(issuer.public_key()))
            .unwrap();
        assert!(issuer.is_ca());
    }
    let pem = |der: &Vec<u8>| {
        let text = STANDARD.encode(CertificateDer::from(der.clone()));
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    };
    let identity = Identity {
        pem: format!(
            "{}{}{}",
            pem(&issued[0]),
            pem(&issued[1]),
            key.serialize_pem()
        ),
        leaf: String::new(),
    };
    assert_eq!(
        connected(&service, Some(&identity)).await,
        ConnectAckReason::ConnectionAccepted
    );
    assert_eq!(
        connected(&service, None).await,
        ConnectAckReason::NotAuthorized,
        "the certificate replaces the key"
    );

    let found = device.lookup().await.body;
    assert_eq!(found["assignedHub"], WEST);
    assert!(found.get("issuedCertificateChain").is_none(), "{found}");
    let called = json!(webhook.called()).to_string();
    assert!(
        !called.contains("csr") && called.contains("dev-1"),
        "{called}"
    );

    let again = chain(&device.provision(asking).await);
    assert_ne!(again[0], issued[0], "each time a new one");
    assert_eq!(again[1..], issued[1..], "by the same authority");
    let without = device.register().await;
    assert!(
        without["registrationState"]
            .get("issuedCertificateChain")
            .is_none()
    );
    assert_eq!(
        connected(&service, None).await,
        ConnectAckReason::ConnectionAccepted,
        "its key again"
    );
}

#[tokio::test]
async fn a_csr_that_is_no_good_is_refused() {
    let (service, webhook) = service().await;
    let (good, _) = csr("dev-1");
    let mut forged = good.clone();
    // The last byte of the signature.
    *forged.last_mut().unwrap() ^= 1;
    let check = async |csr: String, message: &str| {
        let body = json!({ "registrationId": "dev-1", "csr": csr }).to_string();
        let reply = service.device("dev-1").register_with(body).await;
        assert_eq!(reply.code(), (400, Some(400_004)), "{}", reply.body);
        let said = reply.body["message"].as_str().unwrap();
        assert!(said.contains(message), "{said}");
        assert!(csr.is_empty() || !said.contains(&csr), "{said}");
    };
    check(
        STANDARD.encode(csr("dev-2").0),
        "has to be the registration id",
    )
    .await;
    check(STANDARD.encode(&forged), "is not signed with the key").await;
    check(STANDARD.encode(&good[..40]), "has to be PKCS#10 in DER").await;
    check(STANDARD.encode("not DER"), "has to be PKCS#10 in DER").await;
    check("not base64!".to_owned(), "has to be PKCS#10 in DER").await;
    check(String::new(), "has to be PKCS#10 in DER").await;
    service.operator.group(webhook.members()).await;
    check(
        STANDARD.encode(&good),
        "the enrollment has no `certificatePolicyName`",
    )
    .await;
    assert!(webhook.called().is_empty());
}

#[tokio::test]
async fn a_lookup_takes_no_csr() {
    let (service, _webhook) = service().await;
    let device = service.device("dev-1");
    device.register().await;
    let reply = device
        .lookup_with(json!({ "csr": STANDARD.encode(csr("dev-1").0) }))
        .await;
    assert_eq!(reply.code(), (400, Some(400_004)), "{}", reply.body);
}
