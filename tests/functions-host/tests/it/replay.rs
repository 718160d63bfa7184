//! What a real host did, done again: each recorded exchange of `tests/fixtures/functions-host`.
//!
//! A fresh host for each of them, and the test itself in the place of the handler, so that it sees
//! and says bytes. Compared are the answer that the caller got, and the request that the handler
//! got, header by header. What is left out, and why, stands in [`left_out`] and [`Message`].

mod exchange;
mod handler;
mod message;

use std::collections::BTreeMap;

use functions_host::{Auth, Host, Keys, Options, State};
use futures_util::stream::{self, StreamExt as _};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{App, SOON, reserved};
use exchange::Exchange;
use handler::Handler;
use message::Message;

/// Hosts at a time.
const AT_A_TIME: usize = 16;

/// Why a line is not replayed; `None`: it is.
fn left_out(exchange: &Exchange) -> Option<&'static str> {
    let Exchange {
        mode, group, name, ..
    } = exchange;
    match (mode.as_str(), group.as_str(), name.as_str()) {
        ("forwarding", "answer", "304") => {
            Some("the HTTP library writes no length for 304, which the webhook never answers")
        }
        (_, "host", "/") => Some("the home page is Microsoft's own: 149,794 bytes of HTML"),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_exchanges() {
    let recorded = Exchange::all();
    assert_eq!(recorded.len(), 294);
    let replayed: Vec<_> = recorded
        .iter()
        .filter(|it| left_out(it).is_none())
        .collect();
    assert_eq!(replayed.len(), 291);
    let differences = stream::iter(replayed)
        .map(differences)
        .buffer_unordered(AT_A_TIME)
        .collect::<Vec<_>>()
        .await;
    let differences = differences.concat();
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// The exchange again, and what is not as recorded.
async fn differences(exchange: &Exchange) -> Vec<String> {
    let socket = reserved();
    let port = socket.local_addr().unwrap().port();
    let (folder, options) = app(exchange, port).staged();
    let host = Host::start(options).await.unwrap();
    let handler = Handler::listen(socket, exchange.answers.clone());
    let ready = timeout(SOON, host.wait_for(State::Initialized)).await;
    assert!(ready.is_ok(), "{exchange:?}");
    let answer = Message::answer(&call(&host, &exchange.request).await);
    let (seen, times) = handler.end();
    drop((host, folder));

    let mut differences = Vec::new();
    let mut compare = |what: &str, got: String, recorded: String| {
        if got != recorded {
            differences.push(format!(
                "{exchange:?}: {what}\n  recorded {recorded}\n       got {got}"
            ));
        }
    };
    compare("answer", answer.to_string(), exchange.answer.to_string());
    let text = |message: Option<&Message>| message.map_or("nothing".to_owned(), Message::to_string);
    let got = seen.map(|bytes| Message::request(&bytes, port));
    compare("seen", text(got.as_ref()), text(exchange.seen.as_ref()));
    compare("times", times.to_string(), exchange.times.to_string());
    differences
}

/// What was run then: four functions, the keys of the run, and the flags of the line.
fn app(exchange: &Exchange, port: u16) -> App {
    let mode = |name: &str| exchange.mode == name || exchange.mode == "both";
    let function = |app: App, name: &str, level: &str, method: &str| {
        app.function(
            name,
            json!({ "authLevel": level, "methods": [method], "route": name }),
        )
    };
    let app = App::empty().host_json(json!({
        "telemetryMode": exchange.telemetry_mode,
        "customHandler": {
            "description": { "defaultExecutablePath": "sleep", "arguments": ["600"] },
            "enableProxyingHttpRequest": mode("proxying"),
            "enableForwardingHttpRequest": mode("forwarding"),
            "port": port,
        },
    }));
    let app = function(app, "allocate", "function", "post");
    let app = function(app, "explain", "function", "post");
    let app = function(app, "policy", "function", "get");
    let app = function(app, "health", "anonymous", "get");
    app.option(|options: &mut Options| options.auth = Auth::On(keys()))
}

fn keys() -> Keys {
    let named = |value: &str| BTreeMap::from([("default".to_owned(), value.to_owned())]);
    Keys {
        master_key: "MASTERTESTKEY0000".into(),
        function_keys: named("HOSTTESTKEY0000"),
        functions: BTreeMap::from([
            ("allocate".into(), named("ALLOCTESTKEY")),
            ("policy".into(), named("POLICYTESTKEY")),
        ]),
    }
}

/// Everything that the caller gets until the answer is whole or the connection ends.
async fn call(host: &Host, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", host.port()))
        .await
        .unwrap();
    // The host may have refused what it has read so far.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let head_only = request.starts_with(b"HEAD ");
    let whole = async {
        while !message::is_whole(&answer, head_only) {
            match stream.read_buf(&mut answer).await {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            }
        }
    };
    assert!(timeout(SOON, whole).await.is_ok(), "no answer in time");
    answer
}

/// How many lines each reason leaves out.
#[test]
fn reasons() {
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for reason in Exchange::all().iter().filter_map(left_out) {
        *lines.entry(reason).or_default() += 1;
    }
    let counts: Vec<_> = lines.into_values().collect();
    assert_eq!(counts, [1, 2]);
}
