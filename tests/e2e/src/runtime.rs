//! The ways to run the app: alone, under the stand-in, under a real `func`.

use std::env;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use azurite::Port;
use functions_host::log::Log;
use functions_host::{Auth, Host, Options, Stop};
use reqwest::{Client, Method, Response};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::output::Output;
use crate::reply::Reply;
use crate::secrets;
use crate::staged::ScriptRoot;

/// The name of a real `func`.
const FUNC: &str = "func";

/// How long a `func` may take to end: calls that it lets end, for 30 s, and some time for itself.
const END_LIMIT: Duration = Duration::from_mins(1);

/// How long an app may take until it answers; far more than it needs on a loaded machine.
const START_LIMIT: Duration = Duration::from_mins(1);

/// A running app; what it has written is searched for secrets on drop.
#[derive(Debug)]
pub struct Runtime {
    name: &'static str,
    url: String,
    key: Option<String>,
    headers: Vec<(&'static str, String)>,
    client: Client,
    host: Option<Host>,
    /// What the host and the handler under it write.
    log: Option<Log>,
    /// With the port that is kept for it.
    process: Option<(Child, Output, Option<Port>)>,
}

/// What the app answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header `dps-reason`, or the member `reason` of a problem document.
    pub reason: String,
    /// The body; null when it is not JSON.
    pub body: Value,
    /// The header `content-type`.
    pub content_type: String,
}

impl Runtime {
    /// The handler alone, as `cargo run` starts it.
    pub async fn alone(root: &ScriptRoot, settings: &[(&str, &str)]) -> Self {
        let port = Port::any();
        let process = Command::new(root.handler())
            .current_dir(root.path())
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.number().to_string())
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        for (name, value) in settings {
            secrets::keep_setting(name, value);
        }
        let process = process.expect("the staged handler starts");
        let url = format!("http://127.0.0.1:{}", port.number());
        let runtime = Self::new("alone", url, None, Some((process, Some(port))));
        runtime.ready().await;
        runtime
    }

    /// The app under the stand-in, as `func start` (no keys) or as Azure runs it.
    pub async fn stand_in(root: &ScriptRoot, auth: Auth, settings: &[(&str, &str)]) -> Self {
        let mut options = Options::new(root.path());
        secrets::keep_keys(&auth);
        options.auth = auth;
        let azure = [("FUNCTIONS_WORKER_RUNTIME", "custom")];
        let settings = azure.iter().chain(settings);
        for (name, value) in settings.clone() {
            secrets::keep_setting(name, value);
        }
        options.settings = settings
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let host = Host::start(options).await.expect("the staged app starts");
        Self::new("stand-in", host.url(), Some(host), None)
    }

    /// A real `func` on the PATH or named by `FUNC_BIN`; `None` if there is none.
    pub async fn func(root: &ScriptRoot) -> Option<Self> {
        let program = env::var_os("FUNC_BIN").map_or_else(|| PathBuf::from("func"), PathBuf::from);
        let port = Port::any().number();
        let process = Command::new(program)
            .args(["start", "--port", &port.to_string(), "--script-root"])
            .arg(root.path())
            .current_dir(root.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let url = format!("http://127.0.0.1:{port}");
        let runtime = Self::new(FUNC, url, None, Some((process, None)));
        runtime.ready().await;
        Some(runtime)
    }

    fn new(
        name: &'static str,
        url: String,
        host: Option<Host>,
        process: Option<(Child, Option<Port>)>,
    ) -> Self {
        Self {
            name,
            url,
            key: None,
            headers: Vec::new(),
            client: client(),
            log: host.as_ref().map(|host| host.log().clone()),
            host,
            process: process.map(|(mut process, port)| {
                let output = Output::of(name, &mut process);
                (process, output, port)
            }),
        }
    }

    /// What it is, for messages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The same app, called with a function key.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Self {
        secrets::keep_secret(key);
        self.key = Some(key.to_owned());
        self
    }

    /// The same app, called with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The stand-in that runs the app.
    #[must_use]
    pub fn host(&self) -> &Host {
        self.host.as_ref().expect("the app runs under the stand-in")
    }

    /// Stops the stand-in, and the handler in that way.
    pub async fn stop(mut self, how: Stop) -> Option<ExitStatus> {
        let host = self.host.take().expect("the app runs under the stand-in");
        host.stop(how).await
    }

    /// The lines that the app has written so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match (&self.process, &self.log) {
            (Some((_, output, _)), _) => output.lines(),
            (None, Some(log)) => log.lines().into_iter().map(|it| it.message).collect(),
            (None, None) => Vec::new(),
        }
    }

    /// Calls `POST /api/allocate`.
    pub async fn allocate(&self, request: &Value) -> Answer {
        self.call(Method::POST, "allocate", request.to_string())
            .await
    }

    /// Calls `POST /api/explain`.
    pub async fn explain(&self, request: &Value) -> Value {
        self.call(Method::POST, "explain", request.to_string())
            .await
            .body
    }

    /// Calls `GET /api/policy` or `GET /api/health`.
    pub async fn get(&self, function: &str) -> Answer {
        self.call(Method::GET, function, String::new()).await
    }

    /// Calls `POST /api/allocate`; answers byte for byte.
    pub async fn reply(&self, request: &str) -> Reply {
        let response = self.send(Method::POST, "allocate", request.to_owned());
        Reply::read(response.await).await
    }

    /// Calls a function as DPS does: with the key in the URL.
    pub async fn call(&self, method: Method, function: &str, body: String) -> Answer {
        let response = self.send(method, function, body).await;
        let header = |name: &str| {
            let value = response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (status, reason) = (response.status().as_u16(), header("dps-reason"));
        let content_type = header("content-type");
        let bytes = response.bytes().await.expect("the whole answer");
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let of_problem = body["reason"].as_str().filter(|_| reason.is_empty());
        let reason = of_problem.map_or(reason, str::to_owned);
        Answer {
            status,
            reason,
            body,
            content_type,
        }
    }

    async fn send(&self, method: Method, function: &str, body: String) -> Response {
        if let Ok(request) = serde_json::from_str(&body) {
            secrets::keep_request(&request);
        }
        let key = self
            .key
            .as_deref()
            .map_or_else(String::new, |key| format!("?code={key}"));
        let url = format!("{}/api/{function}{key}", self.url);
        let mut request = self.client.request(method, url).body(body);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request.send().await.expect("the app answers")
    }

    /// Waits until something holds, asking again and again.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, holds: impl Fn() -> F) {
        let limit = Instant::now() + START_LIMIT;
        while !holds().await {
            assert!(
                Instant::now() < limit,
                "{}: waited in vain for {what}",
                self.name
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn ready(&self) {
        self.until("an answer to GET /", || async {
            self.client.get(&self.url).send().await.is_ok()
        })
        .await;
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some((process, output, _)) = &mut self.process {
            if self.name == FUNC {
                interrupt(process);
            }
            // It may have ended by itself.
            let _ = process.kill();
            let _ = process.wait();
            output.search();
        }
        if self.log.is_some() {
            secrets::search(self.name, self.lines().join("\n").as_bytes(), None);
        }
    }
}

/// Ends a `func` as Ctrl-C does: one that is killed leaves its handler behind.
fn interrupt(process: &mut Child) {
    let sent = Command::new("kill")
        .args(["-INT", &process.id().to_string()])
        .status();
    let limit = std::time::Instant::now() + END_LIMIT;
    while sent.is_ok()
        && matches!(process.try_wait(), Ok(None))
        && std::time::Instant::now() < limit
    {
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub(crate) fn client() -> Client {
    // The store's client brings no provider of its own, and cargo builds one client for both.
    let _installed_already = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .build()
        .expect("a client without TLS")
}
