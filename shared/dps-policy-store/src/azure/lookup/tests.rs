use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread;

use super::*;
use crate::azure::Connection;
use crate::azure::sign::Signer;
use crate::azure::token::tests::{Gives, Source};
use crate::azure::transport::Transport;

/// Answers every request with the row of a device; its port.
fn store() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let lines = BufReader::new(client.try_clone().unwrap()).lines();
            let _head = lines.map_while(Result::ok).find(String::is_empty);
            let row = r#"{"odata.metadata":"","odata.etag":"W/1","PartitionKey":"pump","RowKey":"device"}"#;
            let length = row.len();
            let _gone = write!(
                client,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nETag: W/1\r\n\
                 x-ms-request-id: 5c1b7a52-3002-0012-5f3c-000000000000\r\n\
                 x-ms-version: 2019-02-02\r\nServer: Windows-Azure-Table/1.0\r\nDate: Wed, 25 Nov 2026 12:00:00 GMT\r\n\
                 Connection: close\r\nContent-Length: {length}\r\n\r\n{row}"
            );
        }
    });
    port
}

const FAST: Gives = Gives::Token {
    after: 0,
    lasts: 3_600,
};
const SLOW: Gives = Gives::Token {
    after: 3,
    lasts: 3_600,
};
const EXPIRED: Gives = Gives::Token {
    after: 0,
    lasts: -1,
};

/// Looks a device up twice, and once more after the slowest token; what that comes to.
async fn check(gives: &[Gives], limit: Duration, expected: [&str; 3]) {
    let source = Source::new(gives);
    let signer = Arc::new(Signer::Tokens(source.tokens()));
    let text = format!(
        "AccountName=a;AccountKey=d3Jvbmc=;TableEndpoint=http://127.0.0.1:{}",
        store()
    );
    let connection = Connection::parse(&text).unwrap();
    let transport = Transport::signed_by(signer, &connection).unwrap();
    let tables = AzureTables::over(transport, connection, "Dps".parse().unwrap());
    let id = RegistrationId::parse("pump").unwrap();
    let mut told = Vec::new();
    for number in 0..expected.len() {
        if number + 1 == expected.len() {
            tokio::time::sleep(Duration::from_secs(4)).await;
        }
        told.push(match tables.device(&id, limit).await {
            Ok(Some(_row)) => "row",
            Ok(None) => "no row",
            Err(LookupError::TooSlow { .. }) => "late",
            Err(LookupError::Access(AccessError::Token { .. })) => "no token",
            Err(error) => panic!("{error:?}"),
        });
    }
    assert_eq!(told, expected, "{gives:?} {limit:?}");
}

#[tokio::test]
async fn a_slow_token_makes_no_row_disappear_for_good() {
    let (short, long) = (Duration::from_secs(1), Duration::from_secs(30));
    let cases = [
        (&[FAST][..], short, ["row", "row", "row"]),
        (&[FAST], long, ["row", "row", "row"]),
        (&[SLOW], short, ["late", "late", "row"]),
        (&[SLOW], long, ["row", "row", "row"]),
        (&[EXPIRED, SLOW], short, ["row", "late", "row"]),
        (&[EXPIRED, SLOW], long, ["row", "row", "row"]),
        (
            &[Gives::Failure, FAST],
            short,
            ["no token", "no token", "row"],
        ),
        (&[Gives::Failure], long, ["no token"; 3]),
        (&[Gives::Nothing], short, ["late"; 3]),
    ];
    let checks = cases.map(|(gives, limit, expected)| check(gives, limit, expected));
    futures_util::future::join_all(checks).await;
}
