//! Script roots in temporary folders, and a caller.

use std::fs;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request};
use functions_host::{Host, Options, State};
use http_body_util::{BodyExt as _, Channel};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

/// Longest wait for anything that should happen soon; only a hang takes so long, also on a machine that is busy.
pub(crate) const SOON: Duration = Duration::from_mins(2);

/// The handler of these tests.
pub(crate) const TOY: &str = env!("CARGO_BIN_EXE_toy-handler");

/// A script root in the making.
#[derive(Debug)]
pub(crate) struct App {
    folder: TempDir,
    host_json: Value,
    pub(crate) options: Options,
}

/// A host with its script root.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) host: Host,
    pub(crate) folder: TempDir,
}

/// What the caller got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl App {
    /// Proxying, without functions.
    pub(crate) fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        let host_json = json!({
            "version": "2.0",
            "customHandler": {
                "description": { "defaultExecutablePath": TOY },
                "enableProxyingHttpRequest": true,
            },
        });
        let options = Options::new(folder.path());
        Self {
            folder,
            host_json,
            options,
        }
        .setting("FUNCTIONS_WORKER_RUNTIME", "custom")
    }

    /// Proxying, with one open function at `/api/toy/..`.
    pub(crate) fn proxying() -> Self {
        Self::empty().function(
            "toy",
            json!({ "authLevel": "anonymous", "route": "toy/{*rest}" }),
        )
    }

    /// The same with forwarding.
    pub(crate) fn forwarding() -> Self {
        Self::proxying().host_json(json!({ "customHandler": {
            "enableProxyingHttpRequest": false,
            "enableForwardingHttpRequest": true,
        }}))
    }

    /// Merges a patch into host.json; null removes.
    pub(crate) fn host_json(mut self, patch: Value) -> Self {
        merge(&mut self.host_json, patch);
        self
    }

    /// Adds an HTTP-only function; `trigger` holds what its binding says besides the usual.
    pub(crate) fn function(self, name: &str, trigger: Value) -> Self {
        let mut input = json!({ "type": "httpTrigger", "direction": "in", "name": "req" });
        merge(&mut input, trigger);
        let output = json!({ "type": "http", "direction": "out", "name": "res" });
        let text = json!({ "bindings": [input, output] }).to_string();
        self.file(&format!("{name}/function.json"), &text)
    }

    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn setting(mut self, name: &str, value: &str) -> Self {
        self.options
            .settings
            .insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn option(mut self, set: impl FnOnce(&mut Options)) -> Self {
        set(&mut self.options);
        self
    }

    /// Writes host.json if no file of that name was added, and hands out the folder.
    pub(crate) fn staged(self) -> (TempDir, Options) {
        let path = self.folder.path().join("host.json");
        if !path.exists() {
            fs::write(path, self.host_json.to_string()).unwrap();
        }
        (self.folder, self.options)
    }

    pub(crate) async fn start(self) -> Running {
        let (folder, options) = self.staged();
        Running {
            host: Host::start(options).await.unwrap(),
            folder,
        }
    }

    /// The message with which the host refuses to start.
    pub(crate) async fn refused(self) -> String {
        let (_folder, options) = self.staged();
        Host::start(options).await.unwrap_err().to_string()
    }
}

impl Running {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &'static str) -> Answer {
        self.send(Request::post(path), Body::from(body)).await
    }

    /// Sends a request whose URI is a path; the answer must come soon and be whole.
    pub(crate) async fn send(&self, request: axum::http::request::Builder, body: Body) -> Answer {
        let response = self.open(request, body).await;
        let (parts, body) = response.into_parts();
        let body = timeout(SOON, body.collect())
            .await
            .expect("body in time")
            .expect("whole body");
        let body = String::from_utf8(body.to_bytes().to_vec()).unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    /// The same, with the body still to be read.
    pub(crate) async fn open(
        &self,
        request: axum::http::request::Builder,
        body: Body,
    ) -> axum::http::Response<Body> {
        let mut request = request.body(body).unwrap();
        let uri = format!("{}{}", self.host.url(), request.uri());
        *request.uri_mut() = uri.parse().unwrap();
        let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
        let response = timeout(SOON, client.request(request))
            .await
            .expect("answer in time");
        response.expect("an answer").map(Body::new)
    }

    /// Messages of a category that begins so, oldest first.
    pub(crate) fn messages(&self, category: &str) -> Vec<String> {
        let lines = self.host.log().lines().into_iter();
        lines
            .filter(|line| line.category.starts_with(category))
            .map(|line| line.message)
            .collect()
    }

    pub(crate) async fn logged(&self, text: &str) -> functions_host::log::Line {
        let line = self.host.log().wait_for(|line| line.message.contains(text));
        timeout(SOON, line)
            .await
            .unwrap_or_else(|_| panic!("`{text}` is not logged"))
    }

    /// Waits until the handler has become ready so many times.
    pub(crate) async fn ready(&self, times: usize) {
        let ready = async {
            for number in 0.. {
                let text = "Worker process started and initialized.";
                let _ = self.host.log().line(number).await;
                let lines = self.host.log().lines();
                if lines.iter().filter(|line| line.message == text).count() >= times {
                    return self.host.wait_for(State::Initialized).await;
                }
            }
        };
        assert!(
            timeout(SOON, ready).await.is_ok(),
            "ready only so far: {:?}",
            self.host.log()
        );
    }

    /// Waits until nobody listens any more.
    pub(crate) async fn refuses_connections(&self) {
        let refused = async {
            while TcpStream::connect(("127.0.0.1", self.host.port()))
                .await
                .is_ok()
            {
                sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(timeout(SOON, refused).await.is_ok(), "it still listens");
    }

    pub(crate) async fn reaches(&self, state: State) {
        let reached = timeout(SOON, self.host.wait_for(state)).await;
        assert!(
            reached.is_ok(),
            "{state:?} is not reached, it is {:?}",
            self.host.state()
        );
    }
}

impl Answer {
    /// What the toy says it got.
    pub(crate) fn echo(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no echo: {self:?}"))
    }

    /// A header as the toy got it; repeated ones joined by `|`.
    pub(crate) fn got(&self, name: &str) -> String {
        let echo = self.echo();
        let headers = echo["headers"].as_array().unwrap().iter();
        let values = headers
            .filter(|header| header[0] == name)
            .map(|header| header[1].as_str());
        values.map(Option::unwrap).collect::<Vec<_>>().join("|")
    }
}

/// A body without a length.
pub(crate) fn chunked(text: &'static str) -> Body {
    let (mut sender, body) = Channel::<Bytes, std::io::Error>::new(1);
    tokio::spawn(async move { sender.send_data(Bytes::from_static(text.as_bytes())).await });
    Body::new(body)
}

fn merge(target: &mut Value, patch: Value) {
    match patch {
        Value::Object(fields) if target.is_object() => {
            for (name, value) in fields {
                if value.is_null() {
                    target.as_object_mut().unwrap().remove(&name);
                } else {
                    merge(&mut target[name], value);
                }
            }
        }
        other => *target = other,
    }
}

/// A port that nobody else gets, and that the host finds free.
pub(crate) fn reserved() -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    socket
}
