//! The proxy before the real Azurite.

use serde_json::json;

use azurite::{Fault, FaultProxy, shared, unique_prefix};

use crate::client::{ask, azure};

#[track_caller]
fn check(port: u16, request: &str, status: &str) -> String {
    let answer = ask(port, request).unwrap();
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{answer}"
    );
    answer
}

/// A table with two rows, written by way of this port.
fn table(port: u16) -> String {
    let table = format!("{}Hubs", unique_prefix());
    let create = format!(r#"{{"TableName":"{table}"}}"#);
    check(port, &azure("POST", "Tables", "", &create), "201");
    for row in ["a", "b"] {
        let row = format!(r#"{{"PartitionKey":"p","RowKey":"{row}","host":"x"}}"#);
        check(port, &azure("POST", &table, "", &row), "201");
    }
    table
}

/// Without what is another for each answer.
fn constant(answer: &str) -> Vec<&str> {
    let changes = ["Date: ", "x-ms-request-id: ", "date: "];
    let changes = |line: &&str| changes.iter().any(|name| line.starts_with(name));
    answer.split("\r\n").filter(|line| !changes(line)).collect()
}

#[test]
fn requests_and_answers_pass_unchanged() {
    let proxy = FaultProxy::start(shared().port());
    let table = table(proxy.port());
    let read = azure("GET", &format!("{table}()"), "", "");
    let direct = check(shared().port(), &read, "200");
    assert!(direct.contains(r#""RowKey":"b""#), "{direct}");
    let relayed = check(proxy.port(), &read, "200");
    assert_eq!(constant(&relayed), constant(&direct));
    assert_eq!(proxy.requests(), 4);
}

#[test]
fn the_second_page_of_a_read_fails() {
    let proxy = FaultProxy::start(shared().port());
    let target = format!("{}()", table(proxy.port()));
    proxy.set(Fault::NthPageFails(2));
    let first = check(proxy.port(), &azure("GET", &target, "&$top=1", ""), "200");
    let head = first.to_lowercase();
    assert!(
        head.contains("x-ms-continuation-nextpartitionkey: "),
        "{first}"
    );
    let next = azure(
        "GET",
        &target,
        "&$top=1&NextPartitionKey=cA==&NextRowKey=Yg==",
        "",
    );
    check(proxy.port(), &next, "500");
    check(proxy.port(), &next, "500");
    proxy.set(Fault::None);
    let second = check(proxy.port(), &next, "200");
    assert!(second.contains(r#""RowKey":"b""#), "{second}");
}

#[test]
fn a_write_whose_answer_is_lost_is_done() {
    let proxy = FaultProxy::start(shared().port());
    let table = table(proxy.port());
    proxy.set(Fault::LoseAnswer { times: 1 });
    let insert = azure("POST", &table, "", r#"{"PartitionKey":"p","RowKey":"c"}"#);
    assert_eq!(ask(proxy.port(), &insert).unwrap(), "");
    check(proxy.port(), &insert, "409");
}

#[test]
fn an_answer_ends_in_its_body() {
    let proxy = FaultProxy::start(shared().port());
    let read = azure("GET", &format!("{}()", table(proxy.port())), "", "");
    proxy.set(Fault::CutAfter {
        bytes: 20,
        times: 1,
    });
    let cut = check(proxy.port(), &read, "200");
    assert_eq!(cut.split_once("\r\n\r\n").unwrap().1.len(), 20);
    let whole = check(proxy.port(), &read, "200");
    assert!(whole.ends_with("0\r\n\r\n"), "{whole}");
}

#[test]
fn rows_are_loaded() {
    let table = format!("{}Devices", unique_prefix());
    let row = |number| json!({ "PartitionKey": format!("device-{number}"), "RowKey": "device" });
    shared().load(&table, &(0..9).map(row).collect::<Vec<_>>());
    let read = check(
        shared().port(),
        &azure("GET", &format!("{table}()"), "", ""),
        "200",
    );
    assert_eq!(read.matches("PartitionKey").count(), 9, "{read}");
}
