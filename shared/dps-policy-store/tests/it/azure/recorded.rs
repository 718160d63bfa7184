//! Answers that Azure gives and Azurite does not, in the form that was recorded from Azure.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::thread::{self, JoinHandle};

use dps_policy_store::azure::AzureTables;

use super::{HUBS, client, list};

/// A server that gives these answers, one a connection; it ends with the first lines it was sent.
fn server(answers: Vec<String>) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = move |answer: String| {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            request.extend(byte);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        let request = String::from_utf8(request).unwrap();
        request.lines().next().unwrap_or_default().to_owned()
    };
    (
        port,
        thread::spawn(move || answers.into_iter().map(answer).collect()),
    )
}

fn tables(port: u16) -> AzureTables {
    let endpoint = format!("TableEndpoint=http://127.0.0.1:{port}");
    client(
        &format!("AccountName=acme;AccountKey=d3Jvbmc=;{endpoint}"),
        "Dps",
    )
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nServer: Windows-Azure-Table/1.0 Microsoft-HTTPAPI/2.0\r\n\
         x-ms-request-id: 4d8e4f7c-0002-0070-6b1e-5d1d2e000000\r\nx-ms-version: 2022-11-02\r\n\
         Date: Sat, 21 Nov 2026 13:00:00 GMT\r\nConnection: close\r\nContent-Type: \
         application/json;odata=minimalmetadata\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn page(rows: &str, continuation: &str) -> String {
    let body = format!(r#"{{"odata.metadata":"https://x/$metadata#DpsHubs","value":[{rows}]}}"#);
    answer("200 OK", continuation, &body)
}

#[tokio::test]
async fn an_empty_page_with_a_continuation_is_not_the_last() {
    let (port, requests) = server(vec![
        page("", "x-ms-continuation-NextPartitionKey: 1!4!YW+J/\r\n"),
        page(
            r#"{"odata.etag":"e","PartitionKey":"hub","RowKey":"a"}"#,
            "x-ms-continuation-NextPartitionKey: 1!4!aHVi\r\nx-ms-continuation-NextRowKey: 1!4!Yg--\r\n",
        ),
        page(
            r#"{"odata.etag":"e","PartitionKey":"hub","RowKey":"b"}"#,
            "",
        ),
    ]);
    let rows = tables(port).rows(HUBS).await.unwrap();
    assert_eq!(list(&rows), ["hub/a", "hub/b"]);
    assert_eq!(
        requests.join().unwrap(),
        [
            "GET /DpsHubs() HTTP/1.1",
            "GET /DpsHubs()?NextPartitionKey=1%214%21YW%2BJ%2F HTTP/1.1",
            "GET /DpsHubs()?NextPartitionKey=1%214%21aHVi&NextRowKey=1%214%21Yg-- HTTP/1.1",
        ]
    );
}

/// What a read comes to that is answered so.
async fn check(status: &str, headers: &str, body: &str, message: &str) {
    let (port, requests) = server(vec![answer(status, headers, body)]);
    let error = tables(port).rows(HUBS).await.unwrap_err().to_string();
    let store = format!("`http://127.0.0.1:{port}`");
    assert_eq!(error.replace(&store, "STORE"), message);
    assert_eq!(requests.join().unwrap().len(), 1);
}

#[tokio::test]
async fn failures_are_told_by_their_bodies() {
    let failure = |code: &str| {
        format!(
            r#"{{"odata.error":{{"code":"{code}","message":{{"lang":"en-US","value":"It is so.\nRequestId:1\nTime:2"}}}}}}"#
        )
    };
    check(
        "404 Not Found",
        "",
        &failure("TableNotFound"),
        "STORE has no table DpsHubs; create the tables with \
         `dps-policy push` or PolicyTables__create=true, or correct POLICY_TABLE_PREFIX",
    )
    .await;
    check(
        "400 Bad Request",
        "",
        &failure("InvalidInput"),
        "STORE, table DpsHubs: unexpected answer: 400 InvalidInput: It is so.",
    )
    .await;
    let elsewhere = "Location: http://127.0.0.1:1/\r\n";
    check(
        "307 Temporary Redirect",
        elsewhere,
        "",
        "STORE, table DpsHubs: unexpected answer: 307",
    )
    .await;
    check(
        "200 OK",
        "",
        r#"{"odata.metadata":"x","value":[{"PartitionKey":"hub","RowKey":"a"}]}"#,
        "STORE, table DpsHubs: unexpected answer: a row without a key or an etag",
    )
    .await;
}
