use super::*;

/// The answer's body; what follows it on the connection stays there.
#[track_caller]
fn check(head: &str, body: &str, framed: &str) {
    let bytes = format!("{head}\r\n\r\n{body}");
    let mut stream = bytes.as_bytes();
    let answer = Message::answer(&mut stream).unwrap();
    assert_eq!(String::from_utf8(answer.body).unwrap(), framed, "{bytes:?}");
    assert_eq!(
        String::from_utf8_lossy(stream),
        body.replacen(framed, "", 1),
        "{bytes:?}"
    );
}

#[test]
fn answers_end_where_their_framing_says() {
    check("HTTP/1.1 200 OK\r\nContent-Length: 3", "abcHTTP", "abc");
    check("HTTP/1.1 204 No Content", "HTTP", "");
    check(
        "HTTP/1.1 200 OK\r\nConnection: close",
        "all of it",
        "all of it",
    );
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked";
    check(
        chunked,
        "3\r\nabc\r\n0\r\n\r\nHTTP",
        "3\r\nabc\r\n0\r\n\r\n",
    );
    check(
        chunked,
        "A;x=y\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\nT: 1\r\n\r\nHTTP",
        "A;x=y\r\n\r\n\r\n\r\n\r\n\r\n\r\n0\r\nT: 1\r\n\r\n",
    );
}

#[track_caller]
fn broken(bytes: &str) {
    assert!(Message::answer(&mut bytes.as_bytes()).is_err(), "{bytes:?}");
}

#[test]
fn broken_answers_are_errors() {
    broken("");
    broken("HTTP/1.1 200 OK\r\nContent-Le");
    broken("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab");
    broken("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    broken("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n");
    broken("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
    broken("SSH-2.0-OpenSSH_9.2\r\n\r\n");
}

#[test]
fn requests_follow_each_other_on_a_connection() {
    let mut stream = &b"PUT /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nabGET /b HTTP/1.1\r\n\r\n"[..];
    let first = Message::request(&mut stream).unwrap().unwrap();
    assert_eq!(
        (first.first_line().as_str(), first.body.as_slice()),
        ("PUT /a HTTP/1.1", &b"ab"[..])
    );
    let second = Message::request(&mut stream).unwrap().unwrap();
    assert_eq!(
        (second.first_line().as_str(), second.body.len()),
        ("GET /b HTTP/1.1", 0)
    );
    assert_eq!(Message::request(&mut stream).unwrap(), None);
}
