//! HTTP and gRPC requests of one exporter.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use dps_settings::root_cause;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Limited};
use opentelemetry_http::{HttpClient, HttpError};
use reqwest::redirect::Policy;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tracing::{info, warn};

use super::delivery::{Change, Deliveries, Problem};
use super::grpc;
use crate::settings::Protocol;

/// Sends the requests of one exporter.
#[derive(Debug)]
pub(crate) struct Transport {
    network: Handle,
    client: Arc<Client>,
    deliveries: Arc<Deliveries>,
}

/// How requests are sent.
#[derive(Debug)]
pub(crate) struct Client {
    protocol: Protocol,
    /// Whether the destination is on this machine, so that no proxy is used.
    is_local: bool,
    /// For one request.
    timeout: Duration,
    /// Made with the first request: TLS takes milliseconds to set up, and answers come first.
    connections: OnceCell<reqwest::Client>,
}

/// A collector's answer is empty, or says in some words what it did not accept.
const MAX_ANSWER: usize = 64 * 1024;

/// A TCP and TLS handshake across regions takes some 300 ms.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Load balancers close unused connections without a word.
const IDLE_TIMEOUT: Duration = Duration::from_secs(90);

impl Transport {
    pub(crate) fn new(deliveries: &Arc<Deliveries>, client: Client, network: &Handle) -> Self {
        Self {
            network: network.clone(),
            client: Arc::new(client),
            deliveries: Arc::clone(deliveries),
        }
    }

    /// Notes the end of an export; logs the begin and the end of an outage.
    fn note(&self, answer: &Result<Response<Bytes>, HttpError>) {
        let (problem, text) = match answer {
            Ok(answer) if answer.status().is_success() => (None, String::new()),
            Ok(answer) => {
                let problem = Problem::Status(answer.status().as_u16());
                (Some(problem), problem.to_string())
            }
            Err(error) => (Some(Problem::NoAnswer), error.to_string()),
        };
        let to = self.deliveries.destination;
        match self.deliveries.note(problem) {
            Some(Change::Begun) => warn!(to, problem = text, "telemetry cannot be exported"),
            Some(Change::Ended) => info!(to, "telemetry is exported again"),
            None => {}
        }
    }
}

#[async_trait]
impl HttpClient for Transport {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = Arc::clone(&self.client);
        let sending = async move { client.send(request).await };
        let answer = match self.network.spawn(sending).await {
            Ok(answer) => answer,
            Err(error) => Err(error.into()),
        };
        self.note(&answer);
        answer
    }
}

impl Client {
    pub(crate) fn new(protocol: Protocol, is_local: bool, timeout: Duration) -> Self {
        Self {
            protocol,
            is_local,
            timeout,
            connections: OnceCell::new(),
        }
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = match self.protocol {
            Protocol::HttpProtobuf => request,
            Protocol::Grpc => grpc::call(request)?,
        };
        let client = self
            .connections
            .get_or_try_init(async || self.connect())
            .await?;
        let answer = client.execute(request.try_into()?).await;
        let answer = answer.map_err(|error| root_cause(&error.without_url()))?;
        let answer = Response::<reqwest::Body>::from(answer);
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await?;
        let trailers = body.trailers().cloned().unwrap_or(HeaderMap::new());
        let answer = Response::from_parts(head, body.to_bytes());
        Ok(match self.protocol {
            Protocol::HttpProtobuf => answer,
            Protocol::Grpc => grpc::answer(answer, &trailers),
        })
    }

    fn connect(&self) -> Result<reqwest::Client, HttpError> {
        // Fails if the program has installed a provider already, which serves as well.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .timeout(self.timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .redirect(Policy::none());
        // `HTTP_PROXY` names another machine.
        let client = if self.is_local {
            client.no_proxy()
        } else {
            client
        };
        let client = match self.protocol {
            Protocol::HttpProtobuf => client.http1_only(),
            Protocol::Grpc => client.http2_prior_knowledge(),
        };
        client
            .build()
            .map_err(|error| root_cause(&error.without_url()).into())
    }
}
