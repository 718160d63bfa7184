//! What devices send and get.

use dps_local::Limits;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::harness::{Service, WEST, Webhook, options};

async fn service() -> Service {
    let service = Service::start().await;
    service.operator.group_on(WEST).await;
    service
}

fn names(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[tokio::test]
async fn the_first_answer_says_where_to_ask_and_when() {
    let service = service().await;
    let begun = service.device("dev-1").register_with("{}").await;
    assert_eq!(begun.status, 202);
    assert_eq!(begun.header("Retry-After"), Some("3"));
    assert!(
        begun
            .header("Location")
            .unwrap()
            .contains("/registrations/dev-1/register")
    );
    assert_eq!(names(&begun.body), ["operationId", "status"]);
    let operation: Vec<&str> = begun.body["operationId"]
        .as_str()
        .unwrap()
        .split('.')
        .collect();
    assert!(matches!(&*operation, [digit, hex, uuid]
        if digit.len() == 1 && hex.len() == 16 && uuid.len() == 36));
}

#[tokio::test]
async fn while_the_webhook_decides_the_device_sees_assigning_with_its_id() {
    let service = Service::start().await;
    let webhook = Webhook::answering(503, "").await;
    service.operator.group(webhook.members()).await;
    let device = service.device("dev-1");
    let begun = device.register_with("{}").await;
    let reply = device
        .operation(begun.body["operationId"].as_str().unwrap())
        .await;
    assert_eq!(
        (reply.status, reply.header("Retry-After")),
        (202, Some("3"))
    );
    let state = json!({ "registrationId": "dev-1", "status": "assigning" });
    assert_eq!(reply.body["registrationState"], state);
    let second = device.register_with("{}").await;
    assert_eq!(second.code(), (409, Some(409_203)));
}

#[tokio::test]
async fn an_assigned_device_sees_its_hub() {
    let service = service().await;
    let device = service.device("dev-1");
    let ended = device.register().await;
    assert_eq!(
        names(&ended),
        ["operationId", "registrationState", "status"]
    );
    let state = &ended["registrationState"];
    let expected = [
        "assignedHub",
        "createdDateTimeUtc",
        "deviceId",
        "etag",
        "lastUpdatedDateTimeUtc",
        "registrationId",
        "status",
        "substatus",
        "symmetricKey",
    ];
    assert_eq!(names(state), expected);
    assert_eq!(state["assignedHub"], WEST);
    assert_eq!(state["deviceId"], "dev-1");
    assert_eq!(state["substatus"], "initialAssignment");
    assert_eq!(
        state["symmetricKey"],
        json!({ "enrollmentGroupId": "group" })
    );
    let time = state["createdDateTimeUtc"].as_str().unwrap();
    assert_eq!(time.len(), "2022-08-27T17:53:19.5143497Z".len(), "{time}");
    assert_eq!(device.lookup().await.body, *state);
}

#[tokio::test]
async fn bodies_of_all_sdks_are_read() {
    let service = service().await;
    let device = service.device("dev-1");
    for body in [
        "",
        "{}",
        r#"{"registrationId":"DEV-1"}"#,
        r#"{"payload":null,"registrationId":"dev-1"}"#,
        " ",
    ] {
        let begun = device.register_with(body).await;
        assert_eq!(begun.status, 202, "{body}");
        device
            .ended(begun.body["operationId"].as_str().unwrap())
            .await;
    }
}

#[tokio::test]
async fn faults_of_a_request_are_refused() {
    let service = service().await;
    let device = service.device("dev-1");
    let long = format!("{{\"payload\":\"{}\"}}", "x".repeat(96 * 1024));
    let cases = [
        ("{", 400, 400_004),
        ("[]x", 400, 400_004),
        (r#"{"registrationId":"dev-2"}"#, 400, 400_004),
        (long.as_str(), 413, 413_000),
    ];
    for (body, status, code) in cases {
        let reply = device.register_with(body).await;
        assert_eq!(reply.code(), (status, Some(code)));
        assert_eq!(
            reply.header("x-ms-error-code"),
            Some(code.to_string().as_str())
        );
        assert_eq!(
            names(&reply.body),
            ["errorCode", "message", "timestampUtc", "trackingId"]
        );
    }
    assert_eq!(
        service.device("dev-.").register_with("").await.code(),
        (400, Some(400_004))
    );
}

#[tokio::test]
async fn an_operation_of_another_attempt_is_not_found() {
    let service = service().await;
    let device = service.device("dev-1");
    assert_eq!(device.operation("4.0.0").await.code(), (404, Some(404_000)));
    assert_eq!(device.lookup().await.status, 404);
    device.register().await;
    assert_eq!(device.operation("4.0.0").await.status, 404);
}

#[tokio::test]
async fn a_disabled_enrollment_says_so_and_no_webhook_is_called() {
    let service = Service::start().await;
    let webhook = Webhook::assigning(WEST).await;
    let mut members = webhook.members();
    members["provisioningStatus"] = json!("disabled");
    service.operator.group(members).await;
    let reply = service.device("dev-1").register_with("{}").await;
    assert_eq!(reply.status, 200);
    let state = json!({ "registrationId": "dev-1", "status": "disabled" });
    assert_eq!(
        reply.body,
        json!({ "operationId": "", "status": "disabled", "registrationState": state })
    );
    assert_eq!(webhook.called(), Vec::<Value>::new());
}

#[tokio::test]
async fn too_many_registrations_or_polls_are_told_when_to_come_again() {
    let mut options = options();
    options.clock = dps_local::Clock::system();
    options.limits = Limits {
        registrations_per_minute: 2,
        polls_per_ten_seconds: 3,
        ..Limits::default()
    };
    let service = Service::start_with(options).await;
    service.operator.group(json!({})).await;
    let device = service.device("dev-1");
    device.register_with("{}").await;
    for _ in 0..3 {
        device.lookup().await;
    }
    let polled = device.lookup().await;
    assert_eq!(polled.code(), (429, Some(429_001)));
    assert!((1..=10).contains(&polled.header("Retry-After").unwrap().parse().unwrap()));
    // Another device has a count of its own.
    assert_eq!(service.device("dev-2").lookup().await.status, 404);
    service.device("dev-2").register_with("{}").await;
    let registered = service.device("dev-3").register_with("{}").await;
    assert_eq!(registered.code(), (429, Some(429_001)));
    assert!((1..=60).contains(&registered.header("Retry-After").unwrap().parse().unwrap()));
}

#[tokio::test]
async fn who_says_nothing_or_half_of_it_holds_up_nobody() {
    let service = service().await;
    let mut silent = Vec::new();
    for address in [
        service.server.https(),
        service.server.mqtt(),
        service.server.amqp(),
    ] {
        for _ in 0..334 {
            silent.push(tokio::net::TcpStream::connect(address).await.unwrap());
        }
        let mut half = tokio::net::TcpStream::connect(address).await.unwrap();
        // The head of a TLS record of 512 bytes, and one byte of it.
        half.write_all(b"\x16\x03\x01\x02\x00\x01").await.unwrap();
        let mut plain = tokio::net::TcpStream::connect(address).await.unwrap();
        plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        silent.extend([half, plain]);
    }
    assert_eq!(
        service.device("dev-1").register().await["status"],
        "assigned"
    );
    drop(silent);
}
