//! What logs and telemetry say about a person's device: a hash of its id, where that is asked for,
//! and coordinates that are not an address.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use axum::body::Body;
use axum::http::Request;
use dps_allocation::IdKey;
use dps_settings::Environment;
use dps_telemetry::{Settings, Telemetry};
use dps_webhook::{Endpoints, Lines, LoggedIds};
use serde_json::{Value, json};

use crate::running::PATIENCE;
use crate::webhook::{Answer, Webhook, Written, app, request};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Some device of an individual enrollment, and of a group.
fn requests() -> [Value; 3] {
    let individual = json!({
        "individualEnrollment": {
            "registrationId": "Pump-1",
            "attestation": {"type": "symmetricKey"},
            "allocationPolicy": "custom",
        },
        "deviceRuntimeContext": {"registrationId": "Pump-1", "symmetricKey": {}},
        "linkedHubs": ["Weu.azure-devices.net"],
    });
    [
        individual,
        request("sold", Value::Null),
        request("nobody", Value::Null),
    ]
}

/// The webhook of the tests, with a devices table that says where a device is.
async fn webhook(ids: LoggedIds, telemetry: Telemetry, lines: &Lines) -> Endpoints {
    let webhook = Webhook::new();
    webhook.write(
        "devices.csv",
        "PartitionKey,RowKey,tenant,location,group\n\
         pump-1,device,acme,\"52.5163,13.3777\",Building 7\n",
    );
    let (mut app, mut refresh) = app(&webhook.store(), lines);
    refresh.poll().await;
    (app.ids, app.telemetry) = (ids, telemetry);
    Endpoints::new(app, None)
}

async fn ask_all(endpoints: &Endpoints) {
    for request in requests() {
        let request = Request::post("/api/allocate").body(Body::from(request.to_string()));
        Answer::of(endpoints, request.unwrap()).await;
    }
}

async fn logged(ids: LoggedIds) -> Vec<Value> {
    let written = Written::default();
    let lines = Lines::to(written.clone());
    ask_all(&webhook(ids, Telemetry::default(), &lines).await).await;
    written.after(&lines)
}

#[tokio::test]
async fn with_a_key_no_line_holds_an_id() {
    let (events, _guard) = Written::log();
    let key = IdKey::parse(KEY).unwrap();
    let hidden = key.hide("pump-1");
    let group = key.hide("building 7");
    let lines = logged(LoggedIds::new(Some(key))).await;
    assert_eq!(lines.len(), 3);
    for line in &lines {
        assert_eq!(line["registrationId"], *hidden, "{line}");
        assert_eq!(line["idsHashed"], true, "{line}");
        assert!(
            !line.to_string().to_lowercase().contains("pump-1"),
            "{line}"
        );
    }
    assert_eq!(lines[0]["enrollment"]["id"], *hidden);
    assert_eq!(lines[1]["enrollment"]["id"], "sold");
    assert_eq!(lines[1]["group"], *group);
    let events = events.text();
    for text in lines.iter().map(Value::to_string).chain([events]) {
        let text = text.to_lowercase();
        assert!(
            !text.contains("pump-1") && !text.contains("building"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn without_a_key_lines_are_as_they_were() {
    for line in logged(LoggedIds::default()).await {
        assert_eq!(line["registrationId"], "pump-1", "{line}");
        assert!(line["idsHashed"].is_null(), "{line}");
        // A group may be a person, and no line holds its name.
        let group = &line["group"];
        assert!(group.is_null() || group == "withheld", "{line}");
        assert!(!line.to_string().contains("uilding"), "{line}");
    }
}

#[tokio::test]
async fn coordinates_in_a_line_are_no_address() {
    let lines = logged(LoggedIds::default()).await;
    let expected = json!({
        "tenant": "acme",
        "location": "52.5,13.4",
        "locationRounded": true,
        "group": "withheld",
    });
    assert_eq!(lines[1]["device"], expected);
    assert!(lines.iter().all(|line| !line.to_string().contains("52.51")));
}

/// Takes one export, whose bytes are what it gives.
fn collector() -> (String, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (taken, exports) = mpsc::channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let line = line.trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        (&stream)
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .unwrap();
        taken.send(body).unwrap();
    });
    (url, exports)
}

#[tokio::test]
async fn with_a_key_no_span_holds_an_id() {
    let (url, exports) = collector();
    let variable = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT".into(), url.into());
    let settings = Environment::new([variable]).read(Settings::read);
    let telemetry = Telemetry::start(&settings.unwrap()).unwrap();
    let key = IdKey::parse(KEY).unwrap();
    let hidden = key.hide("pump-1");
    let lines = Lines::to(Vec::new());
    let endpoints = webhook(LoggedIds::new(Some(key)), telemetry.clone(), &lines).await;
    ask_all(&endpoints).await;
    telemetry.flush(PATIENCE);
    let export = exports.recv_timeout(PATIENCE).unwrap();
    let export = String::from_utf8_lossy(&export).to_lowercase();
    // Of the registration, thrice, and of the individual enrollment.
    assert_eq!(export.matches(&hidden).count(), 4);
    assert!(!export.contains("pump-1"));
}
