//! Symmetric keys: tokens as each SDK writes them, and tokens that are no good.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dps_local::SymmetricKey;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::harness::{GROUP_KEY, OTHER_KEY, Service, key};

fn check_derived(id: &str, expected: &str) {
    assert_eq!(key(GROUP_KEY).derive(id), key(expected), "{id}");
}

#[test]
fn keys_are_derived_as_documented() {
    check_derived(
        "breakroom499-contoso-tstrsd-007",
        "JC8F96eayuQwwz+PkE7IzjH2lIAjCUnAa61tDigBnSs=",
    );
    check_derived(
        "mainbuilding167-contoso-hpsd-088",
        "6uejA9PfkQgmYylj8Zerp3kcbeVrGZ172YLa7VSnJzg=",
    );
}

#[test]
fn a_key_has_16_to_64_bytes_of_base64() {
    for (length, good) in [(15, false), (16, true), (64, true), (65, false)] {
        let text = STANDARD.encode(vec![1; length]);
        assert_eq!(SymmetricKey::try_from(text).is_ok(), good, "{length}");
    }
    assert!(SymmetricKey::try_from("not base64!".to_owned()).is_err());
}

/// The status of a device `dev-1` of the group that sends a token.
async fn status(service: &Service, token: &str) -> u16 {
    service
        .device("dev-1")
        .with_token(token)
        .register_with("")
        .await
        .status
}

fn signed(key: &SymmetricKey, resource: &str, expiry: i64) -> String {
    // The library signs what it encodes; tokens of a test sign what they say.
    let key = ring::hmac::Key::new(
        ring::hmac::HMAC_SHA256,
        &STANDARD.decode(String::from(key.clone())).unwrap(),
    );
    let signature = ring::hmac::sign(&key, format!("{resource}\n{expiry}").as_bytes());
    form_urlencoded::byte_serialize(STANDARD.encode(signature).as_bytes()).collect()
}

#[tokio::test]
async fn tokens_of_all_sdks_are_good() {
    let expiry = 4_070_908_800;
    let derived = key(GROUP_KEY).derive("dev-1");
    for (sdk, resource, order) in [
        (
            "node",
            "0ne00000001/registrations/dev-1",
            "sr={sr}&sig={sig}&skn=registration&se={se}",
        ),
        (
            "python",
            "0ne00000001%2Fregistrations%2Fdev-1",
            "sr={sr}&sig={sig}&se={se}",
        ),
        (
            "c#",
            "0ne00000001%2fregistrations%2fdev-1",
            "sr={sr}&sig={sig}&se={se}&skn=registration",
        ),
        (
            "aziot",
            "0ne00000001%2fregistrations%2fdev-1",
            "sr={sr}&se={se}&sig={sig}",
        ),
    ] {
        let service = Service::start().await;
        service.operator.group(json!({})).await;
        let fields = order
            .replace("{sr}", resource)
            .replace("{se}", &expiry.to_string());
        let fields = fields.replace("{sig}", &signed(&derived, resource, expiry));
        assert_eq!(
            status(&service, &format!("SharedAccessSignature {fields}")).await,
            202,
            "{sdk}"
        );
    }
}

#[tokio::test]
async fn the_case_of_an_id_counts_for_its_key_only() {
    let service = Service::start().await;
    service.operator.group(json!({})).await;
    service.device("Dev-1").register().await;
    assert_eq!(
        service.device("DEV-1").lookup().await.body["registrationId"],
        "Dev-1"
    );
    let other = service.device_with_key("DEV-1", &key(GROUP_KEY).derive("Dev-1"));
    assert_eq!(other.lookup().await.status, 401);
}

#[tokio::test]
async fn either_key_is_good() {
    let service = Service::start().await;
    service.operator.group(json!({})).await;
    for group_key in [GROUP_KEY, OTHER_KEY] {
        let derived = key(group_key).derive("dev-1");
        let device = service.device_with_key("dev-1", &derived);
        assert_eq!(device.register().await["status"], "assigned", "{group_key}");
    }
}

#[tokio::test]
async fn bad_tokens_are_refused() {
    let service = Service::start().await;
    service.operator.group(json!({})).await;
    let (later, derived) = (crate::harness::later(), key(GROUP_KEY).derive("dev-1"));
    let resource = "0ne00000001/registrations/dev-1";
    let sign =
        |key: &SymmetricKey, resource: &str, expires| dps_local::sign(key, resource, None, expires);
    let good = sign(&derived, resource, later);
    let expired = Timestamp::now() - SignedDuration::from_secs(1);
    for (what, token) in [
        (
            "the group's own key",
            sign(&key(GROUP_KEY), resource, later),
        ),
        (
            "the key of another device",
            sign(&key(GROUP_KEY).derive("dev-2"), resource, later),
        ),
        (
            "another device",
            sign(&derived, "0ne00000001/registrations/dev-2", later),
        ),
        (
            "another scope",
            sign(&derived, "0ne00000002/registrations/dev-1", later),
        ),
        ("expired", sign(&derived, resource, expired)),
        ("another expiry", good.replace("&se=4", "&se=5")),
        ("truncated", good.get(..good.len() - 20).unwrap().to_owned()),
        (
            "no signature",
            format!("SharedAccessSignature sr={resource}&se=4070908800"),
        ),
        ("empty", "SharedAccessSignature ".to_owned()),
        ("another scheme", "Bearer abc".to_owned()),
        ("an expiry with a letter", good.replace("&se=", "&se=x")),
        ("not UTF-8", good.replace("sr=", "sr=%ff")),
    ] {
        let reply = service
            .device("dev-1")
            .with_token(token)
            .register_with("")
            .await;
        assert_eq!(reply.code(), (401, Some(401_002)), "{what}");
    }
    let reply = service
        .device("dev-1")
        .without_token()
        .register_with("")
        .await;
    assert_eq!(reply.code(), (401, Some(401_000)));
    let reply = service
        .device("dev-1")
        .with_id_scope("0ne00000002")
        .register_with("")
        .await;
    assert_eq!(reply.code(), (401, Some(401_002)));
    assert_eq!(
        service.operator.get("registrations/dev-1").await.status,
        404
    );
}

#[tokio::test]
async fn nothing_is_told_of_a_device_that_nobody_has_enrolled() {
    let service = Service::start().await;
    let reply = service.device("dev-1").register_with("").await;
    assert_eq!(reply.code(), (401, Some(401_002)));
}
