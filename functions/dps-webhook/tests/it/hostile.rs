//! What callers, devices and broken tables do to the memory of the process: it stays below the figure
//! that the page of trust boundaries states.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;

use serde_json::{Value, json};

use crate::running::Process;
use crate::webhook::good_request;

/// The most memory that input may make the process take, in MB.
const MOST: u64 = 64;

/// Longest body, in bytes.
const LONGEST: usize = 256 * 1024;
/// Connections that are served at once.
const CONNECTIONS: usize = 512;
/// Long requests that are under way at the same time.
const AT_ONCE: usize = 64;

/// Expressions that make or read as much as a payload lets them.
const BOMBS: [&str; 8] = [
    "payload.tags.map(t, payload.site + '/' + t).size() > 0",
    "payload.s.replace('a', payload.s) == 'x'",
    "payload.tags.all(a, payload.tags.all(b, payload.tags.exists(c, a == b && b == c)))",
    "[payload.s, payload.s].map(x, x + x + x + x).map(x, x + x + x + x).size() > 9",
    "payload.tags.join(payload.s) == ''",
    "payload.s.matches('(a|b|ab)*c{1,300}(a+)+d')",
    "payload.s.split('').map(t, payload.s).size() > 1",
    "string(payload.tags + payload.tags + payload.tags).size() > 1",
];

/// The tables of the tests, with a rule for each expression, and twins that repeat the payload.
fn write_bombs(process: &Process) {
    let folder = process.folder.path();
    let rules = BOMBS.iter().enumerate();
    let rules = rules.map(|(number, bomb)| format!("*,{number:02},\"{bomb}\",all\n"));
    let text = format!(
        "PartitionKey,RowKey,when,twin\n{}",
        rules.collect::<String>()
    );
    fs::write(folder.join("rules.csv"), text).unwrap();
    let cell =
        r#""{""a"": ""${payload}"", ""b"": [""${payload}"", ""x${payload.s}${payload.s}""]}""#;
    let twins = format!("PartitionKey,RowKey,desired\n*,site,{cell}\n*,all,{cell}\n");
    fs::write(folder.join("twins.csv"), twins).unwrap();
}

/// A body that is as long as it may be, filled with what `part` gives for each number.
fn filled(place: fn(Value) -> Value, part: impl Fn(usize) -> Value) -> String {
    let size = |value: &Value| value.to_string().len();
    let empty = size(&place(json!([])));
    // Of elements a comma, of members also `:0`.
    let separators = size(&place(json!(["a"]))) - empty - size(&json!("a")) + 1;
    let (mut parts, mut length) = (Vec::new(), empty);
    for number in 0.. {
        let part = part(number);
        length += size(&part) + separators;
        if length > LONGEST {
            break;
        }
        parts.push(part);
    }
    place(parts.into()).to_string()
}

fn with_payload(payload: Value) -> Value {
    let mut body = good_request();
    body["deviceRuntimeContext"]["payload"] = payload;
    body
}

/// Bodies that are allowed, and that take the most to read and to evaluate.
fn bodies() -> Vec<String> {
    let text = |length: usize| "a".repeat(length);
    let tags =
        |tags: Value| with_payload(json!({"tags": tags, "site": "berlin", "s": "ab".repeat(2000)}));
    let members = |parts: Value| {
        let names = parts.as_array().unwrap().iter();
        let members = names.map(|name| (name.as_str().unwrap().to_owned(), json!(0)));
        with_payload(members.collect())
    };
    let half = LONGEST / 2 - 4096;
    let mut certificate = good_request();
    let pem = |length| {
        format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----",
            text(length)
        )
    };
    certificate["deviceRuntimeContext"]["x509"] = json!({
        "clientCertificate": pem(half), "issuerCertificate": pem(half / 2),
    });
    vec![
        filled(tags, |_| json!("a")),
        filled(tags, |number| json!(number)),
        filled(tags, |number| json!({"n": number})),
        filled(tags, |_| json!([[[[[[]]]]]])),
        filled(with_payload, |_| json!({"": null})),
        filled(members, |number| json!(number).to_string().into()),
        with_payload(json!({"s": text(LONGEST - 4096), "tags": ["a"], "site": "b"})).to_string(),
        with_payload(json!({"s": text(half), "site": text(half), "tags": ["a", "b"]})).to_string(),
        with_payload(json!("\u{1F980}".repeat(LONGEST / 4 - 2048))).to_string(),
        certificate.to_string(),
    ]
}

/// Sends what is a request to the process or not, as far as it takes it; the answer is read.
fn send(mut stream: TcpStream, bytes: &[u8]) {
    // It may answer and close before all is sent.
    let _sent = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _read = stream.read_to_end(&mut answer);
}

/// Many at once, over and over, each on a connection of its own.
fn at_once(process: &Process, requests: &[Vec<u8>]) {
    for request in requests {
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                let stream = process.connect();
                scope.spawn(|| send(stream, request));
            }
        });
    }
}

fn request(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Connections that have sent as much as the process takes for now.
fn hanging(process: &Process, bytes: &[u8]) -> Vec<TcpStream> {
    let connect = |_| {
        let mut stream = process.connect();
        stream.set_nonblocking(true).unwrap();
        let mut rest = bytes;
        while let Ok(sent @ 1..) = stream.write(rest) {
            rest = &rest[sent..];
        }
        stream
    };
    (0..CONNECTIONS).map(connect).collect()
}

fn assert_answers(process: &Process) {
    let answer = process.allocate(&good_request().to_string());
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn memory_stays_below_the_figure_of_the_documentation() {
    let mut process = Process::start(&[
        ("POLICY_REFRESH_SECONDS", "1"),
        ("RUST_LOG", "info,decision=off"),
    ]);
    process.wait_for_line("policy installed");
    write_bombs(&process);
    process.wait_for_line("policy installed");

    let bodies = bodies();
    let long = bodies.iter().flat_map(|body| {
        assert!(body.len() <= LONGEST, "{}", body.len());
        ["/api/allocate", "/api/explain"].map(|path| request(path, body))
    });
    at_once(&process, &long.collect::<Vec<_>>());
    let peak = process.peak_mb();
    assert!(peak < MOST, "{peak} MB after long bodies");

    let head = "POST /api/allocate HTTP/1.1\r\nHost: localhost\r\n";
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", 10 << 20);
    let not_requests = [
        request("/api/allocate", &"[".repeat(LONGEST - 6)),
        request("/api/allocate", &"{\"a\":".repeat(LONGEST / 5)),
        request("/api/allocate", &" ".repeat(10 << 20)),
        [chunked.into_bytes(), vec![b' '; 10 << 20]].concat(),
        format!("{head}X: {}\r\n\r\n", "x".repeat(1 << 20)).into_bytes(),
        format!("{head}{}\r\n", "X: y\r\n".repeat(100_000)).into_bytes(),
        format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20)).into_bytes(),
        vec![0; 1 << 20],
    ];
    at_once(&process, &not_requests);
    let peak = process.peak_mb();
    assert!(peak < MOST, "{peak} MB after what is not a request");

    let longest = request("/api/allocate", &bodies[0]);
    for bytes in [&longest[..longest.len() - 2048], b"POST /api", b""] {
        let streams = hanging(&process, bytes);
        let peak = process.peak_mb();
        drop(streams);
        assert!(
            peak < MOST,
            "{peak} MB with {CONNECTIONS} connections that hang"
        );
    }
    assert_answers(&process);

    // Holes take no disk.
    let huge = File::create(process.folder.path().join("devices.csv")).unwrap();
    huge.set_len(1 << 40).unwrap();
    process.wait_for_line("`devices.csv` has more than 16 MiB");
    assert_answers(&process);
    let peak = process.peak_mb();
    assert!(peak < MOST, "{peak} MB after a huge file");
}
