//! Each fault as a client sees it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::thread;
use std::time::Duration;

use azurite::{Fault, FaultProxy};

use crate::client::{ask, connect, get};
use crate::toy::Toy;

const ANSWER: &str = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";

fn toy() -> (Toy, FaultProxy) {
    let toy = Toy::start(ANSWER);
    let proxy = FaultProxy::start(toy.port);
    (toy, proxy)
}

/// What the client gets with this fault, and whether the server got the request.
#[track_caller]
fn check(fault: &Fault, expected: Result<&str, ErrorKind>, passed_on: bool) {
    let (toy, proxy) = toy();
    proxy.set(fault.clone());
    let answer = ask(proxy.port(), &get("/")).map_err(|error| error.kind());
    assert_eq!(
        answer.as_deref(),
        expected.as_ref().map(|answer| *answer),
        "{fault:?}"
    );
    assert_eq!(toy.heard().len(), usize::from(passed_on), "{fault:?}");
    assert_eq!(proxy.connections(), 1, "{fault:?}");
}

#[test]
fn connections_break() {
    check(&Fault::None, Ok(ANSWER), true);
    check(&Fault::Reset, Err(ErrorKind::ConnectionReset), false);
    check(&Fault::LoseAnswer { times: 1 }, Ok(""), true);
    let cut = |bytes| Fault::CutAfter { bytes, times: 1 };
    check(
        &cut(4),
        Ok("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123"),
        true,
    );
    check(&cut(10), Ok(ANSWER), true);
}

#[test]
fn a_refused_connection_says_nothing() {
    let (toy, proxy) = toy();
    proxy.set(Fault::Refuse);
    // The close may reach the client before or after it has written.
    assert!(matches!(
        ask(proxy.port(), &get("/")).as_deref(),
        Ok("") | Err(_)
    ));
    assert_eq!((proxy.connections(), proxy.requests()), (1, 0));
    assert_eq!(toy.heard().len(), 0);
}

#[test]
fn a_black_hole_takes_a_request_and_says_nothing() {
    let (toy, proxy) = toy();
    proxy.set(Fault::BlackHole);
    let mut stream = connect(proxy.port()).unwrap();
    stream.write_all(get("/").as_bytes()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{error}"
    );
    assert_eq!(toy.heard().len(), 0);
    // Other connections have their own fate.
    proxy.set(Fault::None);
    assert_eq!(ask(proxy.port(), &get("/")).unwrap(), ANSWER);
    drop(proxy);
    stream.set_read_timeout(None).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0, "closed with the proxy");
}

#[test]
fn an_answer_that_is_held_comes_when_another_fault_is_set() {
    let (toy, proxy) = toy();
    let only = |fault| Fault::OnlyTo("GET /".to_owned(), Box::new(fault));
    for (heard, fault) in [Fault::Hold, only(Fault::Hold)].into_iter().enumerate() {
        proxy.set(fault);
        let mut stream = connect(proxy.port()).unwrap();
        stream.write_all(get("/").as_bytes()).unwrap();
        while proxy.held() == 0 {
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(toy.heard().len(), heard + 1);
        stream.set_nonblocking(true).unwrap();
        let nothing = stream.read(&mut [0]).unwrap_err();
        assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
        proxy.set(Fault::Reset);
        assert_eq!(proxy.held(), 0);
        stream.set_nonblocking(false).unwrap();
        stream.read_exact(&mut [0]).unwrap();
    }
}

/// Status line, header fields and error code of a refusal.
#[track_caller]
fn refused(fault: &Fault, parts: &[&str]) {
    let (toy, proxy) = toy();
    proxy.set(fault.clone());
    let answer = ask(proxy.port(), &get("/")).unwrap();
    for part in parts {
        assert!(answer.contains(part), "{fault:?}: {answer} lacks {part}");
    }
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains(&format!("Content-Length: {}", body.len())),
        "{answer}"
    );
    assert_eq!(
        parts.iter().any(|part| part.contains("Retry")),
        head.contains("Retry-After")
    );
    assert_eq!(toy.heard().len(), 0);
    assert_eq!(ask(proxy.port(), &get("/")).unwrap(), ANSWER, "once only");
}

#[test]
fn azure_refuses() {
    let (times, retry_after) = (1, None);
    let busy = r#"{"odata.error":{"code":"ServerBusy","message":{"lang":"en-US","#;
    let unavailable = ["HTTP/1.1 503 Service Unavailable\r\n", busy];
    refused(
        &Fault::ServiceUnavailable { retry_after, times },
        &unavailable,
    );
    let retry_after = Some(7);
    let busy = ["HTTP/1.1 503 ", "\r\nRetry-After: 7\r\n"];
    refused(&Fault::ServiceUnavailable { retry_after, times }, &busy);
    let many = [
        "HTTP/1.1 429 ",
        "\r\nRetry-After: 7\r\n",
        r#"code":"TooManyRequests""#,
    ];
    refused(&Fault::TooManyRequests { retry_after, times }, &many);
    let internal = ["HTTP/1.1 500 ", r#"code":"InternalError""#];
    refused(&Fault::InternalError { times }, &internal);
    let forbidden = ["HTTP/1.1 403 ", r#"code":"AuthorizationFailure""#];
    refused(&Fault::Forbidden { times }, &forbidden);
    let skew = ["HTTP/1.1 403 ", r#"code":"AuthenticationFailed""#];
    refused(
        &Fault::ClockSkew {
            ahead: -3600,
            times,
        },
        &skew,
    );
}

#[test]
fn a_skewed_clock_shows_in_the_date() {
    let (_toy, proxy) = toy();
    // About 1,000 years from the epoch of the test machine, whatever its clock says.
    proxy.set(Fault::ClockSkew {
        ahead: 31_557_600_000,
        times: 1,
    });
    let answer = ask(proxy.port(), &get("/")).unwrap();
    let date = answer.split("\r\nDate: ").nth(1).unwrap();
    let year: u32 = date.split(' ').nth(3).unwrap().parse().unwrap();
    assert!(year > 2900, "{answer}");
}

#[test]
fn one_connection_has_many_requests() {
    let (toy, proxy) = toy();
    proxy.set(Fault::Forbidden { times: 1 });
    let mut stream = connect(proxy.port()).unwrap();
    let mut read = |request: &str, end| {
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        while !answer.ends_with(end) {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0].into());
        }
        answer
    };
    assert!(read("GET /1 HTTP/1.1\r\n\r\n", "}}}").starts_with("HTTP/1.1 403"));
    assert_eq!(read("GET /2 HTTP/1.1\r\n\r\n", "6789"), ANSWER);
    let chunks = "POST /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    assert_eq!(read(chunks, "6789"), ANSWER);
    assert_eq!(toy.heard(), ["GET /2 HTTP/1.1\r\n\r\n", chunks]);
    assert_eq!((proxy.connections(), proxy.requests()), (1, 3));
}

#[test]
fn a_server_that_is_gone_closes_the_connection() {
    let proxy = FaultProxy::start(1);
    assert_eq!(ask(proxy.port(), &get("/")).unwrap(), "");
    assert_eq!((proxy.connections(), proxy.requests()), (1, 1));
}
