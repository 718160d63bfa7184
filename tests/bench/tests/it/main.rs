//! The control servers as processes, asked as the benchmark asks them.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    process::{Child, Command},
    thread::sleep,
    time::{Duration, Instant},
};

use azurite::Port;
use dps_bench::request::AllocationRequest;
use serde_json::Value;

const BODY: &str = include_str!("../../body.json");
/// Only a server that hangs takes so long to listen.
const LISTENING: Duration = Duration::from_mins(2);

#[test]
fn the_bare_server_answers() {
    check(env!("CARGO_BIN_EXE_axum_bare"), &get(), "200 ", "");
    check(
        env!("CARGO_BIN_EXE_axum_bare"),
        &post(BODY),
        "200 ",
        "contoso-fleet-hub-0016",
    );
}

#[test]
fn the_lean_server_answers_what_it_could_read() {
    check(env!("CARGO_BIN_EXE_axum_lean"), &get(), "200 ", "");
    check(
        env!("CARGO_BIN_EXE_axum_lean"),
        &post(BODY),
        "200 ",
        "contoso-fleet-hub-0016",
    );
    check(
        env!("CARGO_BIN_EXE_axum_lean"),
        &post("{}"),
        "400 ",
        "deviceRuntimeContext",
    );
}

#[test]
fn the_body_is_a_large_x509_group_request() {
    let request: AllocationRequest<'_> = serde_json::from_str(BODY).unwrap();
    let group = request.enrollment_group.unwrap();
    let device = request.device_runtime_context;
    let certificate = device.x509.unwrap().client_certificate;

    assert!((4_000..4_400).contains(&BODY.len()), "{} bytes", BODY.len());
    assert!(
        (1_400..1_600).contains(&certificate.len()),
        "{} bytes",
        certificate.len()
    );
    assert!(request.individual_enrollment.is_none() && group.initial_twin.is_none());
    assert!(group.reprovision_policy.unwrap().update_hub_assignment);
    assert_eq!(group.enrollment_group_id, Some("contoso-fleet-x509-group"));
    assert_eq!(device.registration_id, "breakroom499-contoso-tstrsd-007");
    assert!(device.current_iot_hub_host_name.is_none() && device.payload.is_some());
    assert_eq!(request.linked_hubs.len(), 10);
}

#[test]
fn the_fixed_reply_names_a_linked_hub() {
    let reply: Value = serde_json::from_str(include_str!("../../reply.json")).unwrap();
    let request: Value = serde_json::from_str(BODY).unwrap();
    let linked = request["linkedHubs"].as_array().unwrap();
    assert!(linked.contains(&reply["iotHubHostName"]));
}

/// Starts `program`, sends `message`, and looks at the status line and the rest of the answer.
fn check(program: &str, message: &str, status: &str, contains: &str) {
    let port = Port::any();
    let mut command = Command::new(program);
    let mut server = Running(
        command
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.number().to_string())
            .spawn()
            .unwrap(),
    );
    let mut stream = connect(&port, &mut server);
    stream.write_all(message.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status}")),
        "{answer}"
    );
    assert!(answer.contains(contains), "{answer}");
}

fn get() -> String {
    "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned()
}

fn post(body: &str) -> String {
    format!(
        "POST /api/allocate HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn connect(port: &Port, server: &mut Running) -> TcpStream {
    let started = Instant::now();
    loop {
        if let Ok(stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port.number())) {
            return stream;
        }
        let ended = server.0.try_wait().unwrap();
        assert!(ended.is_none(), "{ended:?}");
        assert!(started.elapsed() < LISTENING, "{port:?}");
        sleep(Duration::from_millis(5));
    }
}

/// A server that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}
