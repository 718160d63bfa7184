//! The one way out: HTTP and gRPC requests of all exporters, on a thread of their own.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Limited};
use opentelemetry_http::{HttpClient, HttpError};
use reqwest::redirect::Policy;
use tokio::runtime::{Builder, Handle};
use tokio::sync::{OnceCell, oneshot};
use tokio::time::timeout;
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, dispatcher, info, warn};

use crate::grpc;
use crate::settings::Protocol;

/// The thread that everything is sent from; it ends with this.
#[derive(Debug)]
pub(crate) struct Network {
    runtime: Handle,
    _alive: oneshot::Sender<()>,
}

/// Sends the requests of one exporter, from the thread of a [`Network`].
#[derive(Debug)]
pub(crate) struct Sender {
    /// For people.
    what: &'static str,
    protocol: Protocol,
    /// Whether it sends to this machine, and so through no proxy.
    is_local: bool,
    limit: Duration,
    /// Made with the first request: to set up TLS takes milliseconds, and answers come first.
    client: OnceCell<reqwest::Client>,
    failing: AtomicBool,
    /// The program's log, which the thread does not write to otherwise.
    log: Dispatch,
}

/// A collector's answer is empty, or says in some words what it did not take.
const MOST_ANSWERED: usize = 64 * 1024;

/// A TCP and TLS handshake across regions takes some 300 ms.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// Connections that nobody uses are closed by load balancers in between without a word.
const IDLE_LIMIT: Duration = Duration::from_secs(90);

impl Network {
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel();
        let run = move || {
            // Without a log: at trace level the HTTP crates may write what they send.
            tracing::subscriber::with_default(NoSubscriber::new(), || {
                let _ended = runtime.block_on(ended);
            });
        };
        thread::Builder::new()
            .name("telemetry".to_owned())
            .spawn(run)?;
        Ok(Self {
            runtime: handle,
            _alive: alive,
        })
    }

    /// Runs it on the thread, as long as that is there.
    pub(crate) fn run(&self, sending: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(sending);
    }
}

impl Sender {
    /// A request is given `limit`.
    pub(crate) fn new(
        what: &'static str,
        protocol: Protocol,
        is_local: bool,
        limit: Duration,
    ) -> Self {
        Self {
            what,
            protocol,
            is_local,
            limit,
            client: OnceCell::new(),
            failing: AtomicBool::new(false),
            log: dispatcher::get_default(Dispatch::clone),
        }
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self
            .client
            .get_or_try_init(async || new_client(self.protocol, self.is_local));
        send(client.await?, self.protocol, request).await
    }

    /// Logs when things go from well to ill, and back.
    fn note(&self, problem: Option<String>) {
        let failed_before = self.failing.swap(problem.is_some(), Ordering::Relaxed);
        dispatcher::with_default(&self.log, || match problem {
            Some(problem) if !failed_before => {
                warn!(to = self.what, problem, "telemetry cannot be exported");
            }
            None if failed_before => info!(to = self.what, "telemetry is exported again"),
            _ => {}
        });
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = match timeout(self.limit, self.send(request)).await {
            Ok(answer) => answer,
            Err(_late) => Err(format!("no answer within {:?}", self.limit).into()),
        };
        self.note(match &answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("status {}", answer.status().as_u16())),
            Err(error) => Some(error.to_string()),
        });
        answer
    }
}

fn new_client(protocol: Protocol, is_local: bool) -> Result<reqwest::Client, HttpError> {
    // Fails where the program has installed a provider already, which is as good.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .connect_timeout(CONNECT_LIMIT)
        .pool_idle_timeout(IDLE_LIMIT)
        .redirect(Policy::none());
    // `HTTP_PROXY` names another machine.
    let client = if is_local { client.no_proxy() } else { client };
    let client = match protocol {
        Protocol::HttpProtobuf => client.http1_only(),
        Protocol::Grpc => client.http2_prior_knowledge(),
    };
    client.build().map_err(|error| root_cause(&error).into())
}

async fn send(
    client: &reqwest::Client,
    protocol: Protocol,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, HttpError> {
    let request = match protocol {
        Protocol::HttpProtobuf => request,
        Protocol::Grpc => grpc::call(request)?,
    };
    let answer = client.execute(request.try_into()?).await;
    let answer: Response<reqwest::Body> = answer.map_err(|error| root_cause(&error))?.into();
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, MOST_ANSWERED).collect().await?;
    let trailers = body.trailers().cloned().unwrap_or(HeaderMap::new());
    let answer = Response::from_parts(head, body.to_bytes());
    Ok(match protocol {
        Protocol::HttpProtobuf => answer,
        Protocol::Grpc => grpc::answer(answer, &trailers),
    })
}

/// The innermost cause: outer ones only say that there is one, and quote the URL.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if std::ptr::addr_eq(cause, error) {
        return "the request failed".to_owned();
    }
    cause.to_string()
}
