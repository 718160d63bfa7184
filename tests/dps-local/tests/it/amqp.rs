//! AMQP 1.0: registering, refusals, and links that break the rules. With an SDK: `tests/devices`.

mod frames;

use std::time::Duration;

use dps_local::{Limits, Options};
use fe2o3_amqp::sasl_profile::SaslProfile;
use fe2o3_amqp::types::messaging::{
    ApplicationProperties, Body, Data, Message, MessageId, Outcome, Properties,
};
use fe2o3_amqp::types::primitives::{SimpleValue, Value};
use fe2o3_amqp::{Connection, Receiver, Sender, Session};
use serde_json::json;
use tokio::time::timeout;

use crate::harness::{GROUP_KEY, Service, key, later, options, tls};

const HOST: &str = "global.azure-devices-provisioning.net";
const ADDRESS: &str = "0ne00000001/registrations/dev-1";

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

async fn service() -> Service {
    let service = Service::start().await;
    service.operator.group(json!({})).await;
    service
}

fn profile(user_name: &str, key: &dps_local::SymmetricKey) -> SaslProfile {
    SaslProfile::Plain {
        username: user_name.to_owned(),
        password: dps_local::sign(key, ADDRESS, Some("registration"), later()),
    }
}

/// `dev-1`, with its key.
fn good() -> SaslProfile {
    profile(ADDRESS, &key(GROUP_KEY).derive("dev-1"))
}

struct Amqp {
    requests: Sender,
    answers: Receiver,
    _session: fe2o3_amqp::session::SessionHandle<()>,
    _connection: fe2o3_amqp::connection::ConnectionHandle<()>,
}

impl Amqp {
    /// `None` if the server ends it before there are links.
    async fn open(
        service: &Service,
        profile: impl Into<Option<SaslProfile>>,
        addresses: [&str; 2],
    ) -> Option<Self> {
        let stream = tls(&service.server, service.server.amqp(), HOST, None).await;
        let connection = Connection::builder().container_id("dev");
        let connection = match profile.into() {
            Some(profile) => connection.sasl_profile(profile),
            None => connection,
        };
        let mut connection = connection.open_with_stream(stream).await.ok()?;
        let mut session = Session::begin(&mut connection).await.ok()?;
        let [requests, answers] = addresses;
        Some(Self {
            answers: Receiver::attach(&mut session, "answers", answers)
                .await
                .ok()?,
            requests: Sender::attach(&mut session, "requests", requests)
                .await
                .ok()?,
            _session: session,
            _connection: connection,
        })
    }

    async fn good(service: &Service) -> Self {
        Self::open(service, good(), [ADDRESS; 2]).await.unwrap()
    }

    async fn ask(&mut self, properties: &[(&str, &str)], body: &str) -> Option<Outcome> {
        let mut all = ApplicationProperties::builder();
        for (name, value) in properties {
            all = all.insert(*name, *value);
        }
        let message = Message::builder()
            .properties(Properties {
                correlation_id: Some(MessageId::from("7".to_owned())),
                ..Properties::default()
            })
            .application_properties(all.build())
            .data(body.as_bytes().to_vec())
            .build();
        let sent = timeout(PATIENCE, self.requests.send(message)).await;
        sent.expect("an outcome, or the end").ok()
    }

    async fn register(&mut self) -> Option<Outcome> {
        self.ask(&[("iotdps-operation-type", "iotdps-register")], "{}")
            .await
    }

    async fn answer(&mut self) -> Message<Body<Value>> {
        let received = timeout(PATIENCE, self.answers.recv::<Body<Value>>()).await;
        let delivery = received.expect("an answer").unwrap();
        self.answers.accept(&delivery).await.unwrap();
        delivery.into_message()
    }
}

fn body(message: &Message<Body<Value>>) -> serde_json::Value {
    let Body::Data(parts) = &message.body else {
        panic!("{message:?} has no data");
    };
    let Data(bytes) = parts.iter().next().unwrap();
    serde_json::from_slice(bytes).unwrap()
}

#[tokio::test]
async fn a_device_registers_and_asks() {
    let service = service().await;
    let mut amqp = Amqp::good(&service).await;
    assert!(matches!(amqp.register().await, Some(Outcome::Accepted(_))));
    let answer = amqp.answer().await;
    let properties = answer.properties.as_ref().unwrap();
    assert_eq!(
        properties.correlation_id,
        Some(MessageId::from("7".to_owned()))
    );
    let wait = answer
        .application_properties
        .as_ref()
        .unwrap()
        .0
        .get("retry-after");
    assert_eq!(wait, Some(&SimpleValue::Int(3)));
    let body = body(&answer);
    assert_eq!(body["status"], "assigning");
    let operation = body["operationId"].as_str().unwrap();
    let ask = [
        ("iotdps-operation-type", "iotdps-get-operationstatus"),
        ("iotdps-operation-id", operation),
    ];
    let state = loop {
        assert!(matches!(
            amqp.ask(&ask, "").await,
            Some(Outcome::Accepted(_))
        ));
        let body = self::body(&amqp.answer().await);
        if body["status"] != "assigning" {
            break body["registrationState"].clone();
        }
    };
    assert_eq!(state["status"], "assigned");
    let lookup = [("iotdps-operation-type", "iotdps-get-registration")];
    amqp.ask(&lookup, "").await.unwrap();
    assert_eq!(self::body(&amqp.answer().await), state);
}

/// How a request is rejected: the condition, and the body that DPS writes.
fn rejected(outcome: Option<Outcome>) -> (String, serde_json::Value) {
    let Some(Outcome::Rejected(rejected)) = outcome else {
        panic!("{outcome:?} instead of a rejection");
    };
    let error = rejected.error.unwrap();
    let body = serde_json::from_str(&error.description.unwrap()).unwrap();
    (format!("{:?}", error.condition), body)
}

#[tokio::test]
async fn refusals_are_rejections_with_the_body_of_dps() {
    let service = service().await;
    let wrong = profile(ADDRESS, &key(GROUP_KEY).derive("dev-2"));
    let mut amqp = Amqp::open(&service, wrong, [ADDRESS; 2]).await.unwrap();
    let (condition, body) = rejected(amqp.register().await);
    assert!(condition.contains("UnauthorizedAccess"), "{condition}");
    assert_eq!(body["errorCode"], 401_002);

    // Without SASL, as the SDK for Node.js with a certificate, but without one.
    let mut amqp = Amqp::open(&service, None, [ADDRESS; 2]).await.unwrap();
    let (_, body) = rejected(amqp.register().await);
    assert_eq!(body["errorCode"], 401_000);

    // The connection goes on after a rejection.
    let mut amqp = Amqp::good(&service).await;
    let lookup = [("iotdps-operation-type", "iotdps-get-registration")];
    let (condition, body) = rejected(amqp.ask(&lookup, "").await);
    assert!(condition.contains("NotFound"), "{condition}");
    assert_eq!(body["errorCode"], 404_000);
    assert!(matches!(amqp.register().await, Some(Outcome::Accepted(_))));
}

#[tokio::test]
async fn who_is_throttled_is_told_when_to_try_again() {
    let service = Service::start_with(Options {
        limits: Limits {
            registrations_per_minute: 1,
            ..Limits::default()
        },
        ..options()
    })
    .await;
    service.operator.group(json!({})).await;
    let mut amqp = Amqp::good(&service).await;
    amqp.register().await.unwrap();
    let Some(Outcome::Rejected(rejected)) = amqp.register().await else {
        panic!("a registration too many");
    };
    let error = rejected.error.unwrap();
    let info = error.info.unwrap();
    assert!(
        matches!(info.get("retry-after"), Some(Value::Int(1..=60))),
        "{info:?}"
    );
}

#[tokio::test]
async fn who_breaks_the_rules_is_disconnected() {
    let service = service().await;
    let other = "0ne00000001/registrations/dev-2";
    let opened = |profile, addresses| Amqp::open(&service, profile, addresses);
    let answered = async |amqp: Option<Amqp>| match amqp {
        Some(mut amqp) => amqp.register().await.is_some(),
        None => false,
    };
    assert!(answered(opened(good(), [ADDRESS; 2]).await).await);
    assert!(
        !answered(opened(good(), [ADDRESS, other]).await).await,
        "two devices"
    );
    assert!(
        !answered(opened(good(), [other; 2]).await).await,
        "not the user"
    );
    assert!(
        !answered(opened(good(), ["a queue"; 2]).await).await,
        "no device"
    );
    assert!(opened(SaslProfile::Anonymous, [ADDRESS; 2]).await.is_none());
    let nobody = profile("somebody", &key(GROUP_KEY));
    assert!(
        opened(nobody, [ADDRESS; 2]).await.is_none(),
        "no registration id"
    );

    let mut amqp = Amqp::good(&service).await;
    assert!(
        amqp.ask(&[("iotdps-operation-type", "other")], "")
            .await
            .is_none()
    );
    let mut amqp = Amqp::good(&service).await;
    let large = "x".repeat(200 * 1024);
    let register = [("iotdps-operation-type", "iotdps-register")];
    assert!(
        amqp.ask(&register, &large).await.is_none(),
        "larger than the link takes"
    );
    let mut amqp = Amqp::good(&service).await;
    let (condition, _) = rejected(amqp.ask(&register, &"x".repeat(97 * 1024)).await);
    assert!(condition.contains("MessageSizeExceeded"), "{condition}");
    assert!(
        answered(Some(Amqp::good(&service).await)).await,
        "the server lives"
    );
}
