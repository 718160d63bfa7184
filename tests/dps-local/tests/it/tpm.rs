//! TPM attestation: the challenge, its answer, and answers that are no good. With an SDK and a software TPM:
//! `tests/devices/test_tpm.py`.

use std::num::NonZeroU32;

use dps_local::{Clock, Options, SymmetricKey};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Device, GROUP_KEY, Mqtt, Service, Tpm, WEST, Webhook, key, later, options};

/// That of the C SDK's sample.
const SAMPLE: &str = "AToAAQALAAMAsgAgg3GXZ0SEs/gakMyNRqXXJP1S124GUgtk8qHaGzMUaaoABgCAAEMAEAgAAAAAAAEAxsj2gUScTk1UjuioeTlfGYZrrimExB+bScH75adUMRIi2UOMxG1kw4y+9RW/IVoMl4e620VxZad0ARX2gUqVjYO7KPVt3dyKhZS3dkcvfBisBhP1XH9B33VqHG9SHnbnQXdBUaCgKAfxome8UmBKfe+naTsE5fkvjb/do3/dD6l4sGBwFCnKRdln4XpM03zLpoHFao8zOwt8l/uP3qUIxmCYv9A7m69Ms+5/pCkTu/rK4mRDsfhZ0QLfbzVI6zQFOKF/rwsfBtFeWlWtcuJMKlXdD8TXWElTzgh7JS4qhFzreL0c1mI0GCj+Aws0usZh7dLIVPnlgZcBhgy1SSDQMQ==";

fn enrollment(id: &str, tpm: &Value, members: Value) -> Value {
    let mut enrollment =
        json!({ "registrationId": id, "attestation": { "type": "tpm", "tpm": tpm } });
    let Value::Object(members) = members else {
        panic!("{members} is not an object");
    };
    enrollment.as_object_mut().unwrap().extend(members);
    enrollment
}

/// Enrolls `dev-1` by the endorsement key alone.
async fn enroll(service: &Service, tpm: &Tpm, members: Value) {
    let stated = json!({ "endorsementKey": tpm.endorsement_key() });
    let enrollment = enrollment("dev-1", &stated, members);
    service.operator.put("enrollments/dev-1", enrollment).await;
}

/// At the pace of time, so that no challenge runs out while the test computes.
async fn start() -> Service {
    Service::start_with(Options {
        clock: Clock::system(),
        ..options()
    })
    .await
}

fn body(tpm: &Tpm) -> String {
    json!({ "tpm": tpm.shown() }).to_string()
}

/// The key that a TPM is challenged with.
async fn challenged(device: &Device, tpm: &Tpm) -> SymmetricKey {
    let reply = device.register_with(body(tpm)).await;
    assert_eq!(reply.status, 401, "{}", reply.body);
    assert_eq!(reply.body["message"], "Authorization required");
    assert_eq!(reply.body["keyName"], "registration");
    let wrapped = reply.body["authenticationKey"].as_str().unwrap();
    tpm.activate(wrapped).unwrap()
}

fn token(key: &SymmetricKey, id: &str, expires: Timestamp) -> String {
    let resource = format!("0ne00000001/registrations/{id}");
    dps_local::sign(key, &resource, Some("registration"), expires)
}

#[tokio::test]
async fn a_device_registers_and_gets_its_key_of_the_hub() {
    let (service, tpm) = (start().await, Tpm::new(0, 1));
    let webhook = Webhook::assigning(WEST).await;
    enroll(&service, &tpm, webhook.members()).await;
    let device = service.device("dev-1").without_token();
    let key = challenged(&device, &tpm).await;
    let device = device.with_token(token(&key, "dev-1", later()));
    let ended = device.provision(json!({ "tpm": tpm.shown() })).await;
    let state = &ended["registrationState"];
    assert_eq!(state["assignedHub"], WEST, "{ended}");
    let wrapped = state["tpm"]["authenticationKey"].as_str().unwrap();
    assert_eq!(tpm.activate(wrapped).as_ref(), Some(&key));
    let at_hub = service
        .operator
        .hub(WEST, Method::GET, "devices/dev-1", Value::Null)
        .await;
    let primary = at_hub.body["authentication"]["symmetricKey"]["primaryKey"].as_str();
    assert_eq!(primary, Some(String::from(key).as_str()));
    // With the key that it has now, it may look, and register only after another challenge.
    assert_eq!(device.lookup().await.status, 200);
    assert_eq!(
        device.register_with(body(&tpm)).await.code(),
        (401, Some(401_002))
    );

    let called = &webhook.called()[0];
    assert_eq!(called["deviceRuntimeContext"]["tpm"], tpm.shown());
    let stated = json!({ "endorsementKey": tpm.endorsement_key() });
    assert_eq!(
        called["individualEnrollment"]["attestation"],
        json!({ "type": "tpm", "tpm": stated })
    );
}

#[tokio::test]
async fn other_tpms_are_not_challenged() {
    let (service, tpm) = (start().await, Tpm::new(0, 1));
    let enrollment = enrollment("dev-1", &tpm.shown(), json!({}));
    service.operator.put("enrollments/dev-1", enrollment).await;
    service.operator.group(json!({})).await;
    let with_key = json!({ "registrationId": "dev-2", "attestation": { "type": "symmetricKey" } });
    service.operator.put("enrollments/dev-2", with_key).await;
    for (what, id, shown, code) in [
        (
            "another endorsement key",
            "dev-1",
            Tpm::new(2, 1).shown(),
            (401, Some(401_002)),
        ),
        (
            "another storage root key",
            "dev-1",
            Tpm::new(0, 2).shown(),
            (401, Some(401_002)),
        ),
        (
            "an enrollment with a key",
            "dev-2",
            tpm.shown(),
            (401, Some(401_002)),
        ),
        ("no enrollment", "dev-3", tpm.shown(), (404, Some(404_201))),
        (
            "no endorsement key",
            "dev-1",
            json!({}),
            (400, Some(400_004)),
        ),
        (
            "no key",
            "dev-1",
            json!({ "endorsementKey": "AAAA" }),
            (400, Some(400_004)),
        ),
    ] {
        let device = service.device(id).without_token();
        let reply = device
            .register_with(json!({ "tpm": shown }).to_string())
            .await;
        assert_eq!(reply.code(), code, "{what}");
        assert_eq!(reply.body["authenticationKey"], Value::Null, "{what}");
    }
    let elsewhere = service
        .device("dev-1")
        .without_token()
        .with_id_scope("0ne00000002");
    assert_eq!(
        elsewhere.register_with(body(&tpm)).await.code(),
        (401, Some(401_002))
    );
    // The enrollment has it, so that the device need not say it.
    let device = service.device("dev-1").without_token();
    let shown = json!({ "tpm": { "endorsementKey": tpm.endorsement_key() } });
    let reply = device.register_with(shown.to_string()).await;
    let wrapped = reply.body["authenticationKey"].as_str().unwrap();
    assert!(tpm.activate(wrapped).is_some());
    enroll(&service, &tpm, json!({})).await;
    assert_eq!(
        device.register_with(shown.to_string()).await.code(),
        (400, Some(400_004))
    );
}

#[tokio::test]
async fn a_challenge_is_for_one_tpm() {
    let (service, tpm) = (start().await, Tpm::new(0, 1));
    enroll(&service, &tpm, json!({})).await;
    let reply = service
        .device("dev-1")
        .without_token()
        .register_with(body(&tpm))
        .await;
    let wrapped = reply.body["authenticationKey"].as_str().unwrap();
    for (other, what) in [
        (Tpm::new(2, 1), "endorsement key"),
        (Tpm::new(0, 2), "storage root key"),
    ] {
        assert_eq!(other.activate(wrapped), None, "another {what}");
    }
}

#[tokio::test]
async fn bad_answers_are_refused() {
    let (service, tpm) = (start().await, Tpm::new(0, 1));
    enroll(&service, &tpm, json!({})).await;
    let other = enrollment("dev-2", &tpm.shown(), json!({}));
    service.operator.put("enrollments/dev-2", other).await;
    let device = || service.device("dev-1").without_token();
    let earlier = challenged(&device(), &tpm).await;
    let of_other = challenged(&service.device("dev-2").without_token(), &tpm).await;
    let good = challenged(&device(), &tpm).await;
    let past = Timestamp::now() - SignedDuration::from_secs(1);
    for (what, token) in [
        ("a forged token", token(&key(GROUP_KEY), "dev-1", later())),
        ("an earlier challenge", token(&earlier, "dev-1", later())),
        (
            "the challenge of another device",
            token(&of_other, "dev-1", later()),
        ),
        ("for another device", token(&good, "dev-2", later())),
        ("expired", token(&good, "dev-1", past)),
    ] {
        let reply = device().with_token(token).register_with(body(&tpm)).await;
        assert_eq!(reply.code(), (401, Some(401_002)), "{what}");
        assert_eq!(reply.body["authenticationKey"], Value::Null, "{what}");
    }
    let answer = device().with_token(token(&good, "dev-1", later()));
    assert_eq!(answer.lookup().await.status, 401, "nothing is registered");
    // A bad answer does not end the challenge, a good one does.
    assert_eq!(answer.register_with(body(&tpm)).await.status, 202);
    assert_eq!(answer.register_with(body(&tpm)).await.status, 401);
}

#[tokio::test]
async fn a_challenge_does_not_wait_for_ever() {
    // A second is 100 minutes.
    let speed = NonZeroU32::new(6000).unwrap();
    let service = Service::start_with(Options {
        clock: Clock::new(Timestamp::now(), speed),
        ..options()
    })
    .await;
    let tpm = Tpm::new(0, 1);
    enroll(&service, &tpm, json!({})).await;
    let device = service.device("dev-1").without_token();
    let key = challenged(&device, &tpm).await;
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    let device = device.with_token(token(&key, "dev-1", later()));
    assert_eq!(
        device.register_with(body(&tpm)).await.code(),
        (401, Some(401_002))
    );
}

#[tokio::test]
async fn mqtt_is_not_for_tpms() {
    let (service, tpm) = (start().await, Tpm::new(0, 1));
    enroll(&service, &tpm, json!({})).await;
    let device = service.device("dev-1").without_token();
    let key = challenged(&device, &tpm).await;
    let answer = token(&key, "dev-1", later());
    for password in [None, Some(answer.as_str())] {
        let mut mqtt = Mqtt::open(
            &service.server,
            "global.azure-devices-provisioning.net",
            None,
        )
        .await;
        let user_name = "0ne00000001/registrations/dev-1/api-version=2019-03-31";
        mqtt.connect("dev-1", user_name, password).await;
        mqtt.subscribe("$dps/registrations/res/#").await;
        let topic = "$dps/registrations/PUT/iotdps-register/?$rid=1";
        mqtt.publish(topic, body(&tpm), rmqtt_codec::v3::QoS::AtMostOnce)
            .await;
        let (topic, body) = mqtt.message().await;
        assert_eq!(topic, "$dps/registrations/res/401/?$rid=1");
        assert!(!body.contains("authenticationKey"), "{body}");
    }
}

async fn put(service: &Service, path: &str, body: Value) -> u16 {
    service
        .operator
        .send(Method::PUT, path, &body, &[])
        .await
        .status
}

#[tokio::test]
async fn an_enrollment_states_keys_of_a_tpm() {
    let service = start().await;
    let tpm = Tpm::new(0, 1);
    let sample = enrollment(
        "sample",
        &json!({ "endorsementKey": SAMPLE, "storageRootKey": null }),
        json!({}),
    );
    let shown = service.operator.put("enrollments/sample", sample).await;
    assert_eq!(
        shown["attestation"],
        json!({ "type": "tpm", "tpm": { "endorsementKey": SAMPLE } })
    );
    let mechanism = service
        .operator
        .post("enrollments/sample/attestationmechanism", Value::Null)
        .await;
    assert_eq!(mechanism.body, shown["attestation"]);

    let group = json!({ "enrollmentGroupId": "group", "attestation": { "type": "tpm", "tpm": tpm.shown() } });
    assert_eq!(put(&service, "enrollmentGroups/group", group).await, 400);
    let cut = SAMPLE.get(..SAMPLE.len() - 4).unwrap();
    for (what, stated) in [
        ("no key", json!({})),
        ("not base64", json!({ "endorsementKey": "?" })),
        ("half a key", json!({ "endorsementKey": cut })),
        (
            "no storage key",
            json!({ "endorsementKey": SAMPLE.replace("AAMAsg", "AAAAsg") }),
        ),
        (
            "a bad storage root key",
            json!({ "endorsementKey": SAMPLE, "storageRootKey": "AAAA" }),
        ),
    ] {
        assert_eq!(
            put(
                &service,
                "enrollments/bad",
                enrollment("bad", &stated, json!({}))
            )
            .await,
            400,
            "{what}"
        );
    }
    let without = json!({ "registrationId": "bad", "attestation": { "type": "tpm" } });
    assert_eq!(put(&service, "enrollments/bad", without).await, 400);
}
