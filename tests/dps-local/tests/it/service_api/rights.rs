//! Who may do what.

use dps_local::{SymmetricKey, sign};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::json;

use super::enrollment;
use crate::harness::{GROUP_KEY, OTHER_KEY, Operator, Service, key, later};

const OWNER: &str = "provisioningserviceowner";

#[tokio::test]
async fn each_right_opens_its_own_doors() {
    let service = Service::start().await;
    let operator = &service.operator;
    let path = "enrollments/dev-1";
    operator.put(path, enrollment("dev-1")).await;
    let rights = [
        "EnrollmentRead",
        "EnrollmentWrite",
        "RegistrationStatusRead",
        "RegistrationStatusWrite",
        "ServiceConfig",
        "DeviceConnect",
    ];
    for right in rights {
        let policy = json!({ "keyName": right, "primaryKey": OTHER_KEY, "secondaryKey": GROUP_KEY, "rights": [right] });
        operator.put(&format!("keys/{right}"), policy).await;
    }
    let check = async |needed: &str, method: Method, path: &str| {
        for right in rights {
            let operator = Operator::new(&service.server, right, &key(OTHER_KEY));
            let body = enrollment("dev-1");
            let reply = operator.send(method.clone(), path, &body, &[]).await;
            let (is_let_in, said) = (reply.status != 401, reply.body);
            assert_eq!(
                is_let_in,
                right == needed,
                "{right} {method} {path}: {said}"
            );
        }
    };
    check("EnrollmentRead", Method::GET, path).await;
    check("EnrollmentWrite", Method::PUT, path).await;
    let registration = "registrations/dev-1";
    let mechanism = "enrollments/dev-1/attestationmechanism";
    check("EnrollmentWrite", Method::POST, mechanism).await;
    check("RegistrationStatusRead", Method::GET, registration).await;
    check("RegistrationStatusWrite", Method::DELETE, registration).await;
    check("ServiceConfig", Method::GET, "linkedHubs").await;
    check("ServiceConfig", Method::GET, "certificates").await;
    check("ServiceConfig", Method::GET, "keys").await;
}

#[tokio::test]
async fn bad_tokens_of_operators_are_refused() {
    let service = Service::start().await;
    let (host, owner) = (service.server.host(), service.server.owner_key().unwrap());
    let check = async |what: &str, token: String| {
        let operator = Operator::new(&service.server, "x", &owner).with_token(token);
        let code = operator.get("enrollments/dev-1").await.code();
        assert_eq!(code, (401, Some(401_002)), "{what}");
    };
    let (name, other_name) = (Some(OWNER), Some("other"));
    let (other_key, other_host) = (key(OTHER_KEY), "other.azure-devices-provisioning.net");
    let expired = Timestamp::now() - SignedDuration::from_secs(1);
    check("another key", sign(&other_key, &host, name, later())).await;
    check("another service", sign(&owner, other_host, name, later())).await;
    check("another policy", sign(&owner, &host, other_name, later())).await;
    check("no policy", sign(&owner, &host, None, later())).await;
    check("expired", sign(&owner, &host, name, expired)).await;
    check("garbage", "SharedAccessSignature x".to_owned()).await;
}

#[tokio::test]
async fn keys_of_a_policy_are_rotated_one_after_the_other() {
    let service = Service::start().await;
    let rotated = [SymmetricKey::random(), SymmetricKey::random()];
    let policy = json!({
        "keyName": OWNER,
        "primaryKey": rotated[0],
        "secondaryKey": rotated[1],
        "rights": ["ServiceConfig", "EnrollmentRead"],
    });
    service.operator.put(&format!("keys/{OWNER}"), policy).await;
    assert_eq!(service.operator.get("keys").await.status, 401);
    for key in &rotated {
        let operator = Operator::new(&service.server, OWNER, key);
        assert_eq!(operator.get("keys").await.status, 200);
    }
}
