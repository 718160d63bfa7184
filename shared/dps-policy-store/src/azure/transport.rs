//! How requests of the 0.21 crates reach the service: one pool of connections, time limits,
//! signatures, retries, and answers that are judged before the crates see them.
//!
//! A page of an answer has up to 4 MiB, so no fixed time fits both a dead service and a slow link:
//! an answer may take as long as it makes progress.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::headers::Headers;
use azure_core::{HttpClient, Request, Response, StatusCode};
use azure_core_legacy as azure_core;
use bytes::{Bytes, BytesMut};
use dps_settings::root_cause;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use tokio::time::{Instant, timeout, timeout_at};

use super::connection::Connection;
use super::error::ClientError;
use super::exchange::Exchange;
use super::failure::{Failure, judge};
use super::network::Network;
use super::request::Prepared;
use super::sign::Signer;
use crate::budget::{OverBudget, size};

/// A TCP and TLS handshake takes some 50 ms inside a region; a second means that no server is there.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);

/// For the head of an answer, and for each piece of its body. Azure itself ends a query after 5 s
/// with the rows found so far, most take milliseconds.
const IDLE_LIMIT: Duration = Duration::from_secs(3);

/// Bytes a second of the slowest answer that is waited for: a page takes at most four minutes.
const SLOWEST: u64 = 16 * 1024;

/// Largest answer that is read: Azure ends a page at 4 MiB, Azurite at 1,000 rows.
const MAX_ANSWER: usize = 16 << 20;

/// No request waits while a valid token is renewed, so a slow token service is given time.
const TOKEN_LIMIT: Duration = Duration::from_secs(20);

/// Wait before the second attempt; it doubles for the third.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// Azure moves a partition to another server within seconds; what takes longer is an outage, and
/// the next poll comes in 15 s anyway.
const MAX_RETRIES: u32 = 2;
const ALL_TRIES_LIMIT: Duration = Duration::from_secs(8);

/// The `HttpClient` of the 0.21 crates.
pub(super) struct Transport {
    http: Arc<dyn Exchange>,
    signer: Arc<Signer>,
}

impl Transport {
    pub(super) fn new(connection: &Connection) -> Result<Self, ClientError> {
        // Requests for tokens have connections of their own, too.
        let signer = Signer::new(connection, http(connection, Some(TOKEN_LIMIT))?)?;
        let http = http(connection, None)?;
        Ok(Self::over(Arc::new(http), Arc::new(signer)))
    }

    pub(super) fn over(http: Arc<dyn Exchange>, signer: Arc<Signer>) -> Self {
        Self { http, signer }
    }

    /// The same without the connections that are open.
    pub(super) fn reconnected(&self, connection: &Connection) -> Result<Self, ClientError> {
        let http = http(connection, None)?;
        Ok(Self::over(Arc::new(http), Arc::clone(&self.signer)))
    }

    /// Who signs in, where a token says it.
    pub(super) async fn principal(&self) -> Option<String> {
        self.signer.principal().await
    }

    async fn send(&self, request: &Prepared) -> Result<Response, Failure> {
        let end = Instant::now() + ALL_TRIES_LIMIT;
        let left = || end.saturating_duration_since(Instant::now());
        let mut wait = FIRST_WAIT;
        for _ in 0..MAX_RETRIES {
            let failure = match self.send_once(request, left()).await {
                Err(failure) if failure.worth_a_retry(request.repeatable) => failure,
                answered => return answered,
            };
            let Some(pause) = pause(&failure, wait, left()) else {
                return Err(failure);
            };
            tokio::time::sleep(pause).await;
            wait *= 2;
        }
        self.send_once(request, left()).await
    }

    async fn send_once(&self, request: &Prepared, left: Duration) -> Result<Response, Failure> {
        let (mut url, mut headers) = (request.url.clone(), request.headers.clone());
        self.signer.sign(&mut url, &mut headers).await?;
        let mut signed = reqwest::Request::new(request.method.clone(), url);
        *signed.headers_mut() = headers;
        *signed.body_mut() = Some(request.body.clone().into());
        let sent = timeout(left.min(IDLE_LIMIT), self.http.exchange(signed));
        let answer = sent.await.map_err(|_elapsed| silent())?;
        let answer = answer.map_err(failure)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = body(answer).await?;
        judge(status, &headers, &body)?;
        response(status, &headers, body)
    }
}

/// How long to wait before the next attempt: at least as long as the service asks for. None if the
/// time limit would pass first.
fn pause(failure: &Failure, wait: Duration, left: Duration) -> Option<Duration> {
    let asked = match failure {
        Failure::Refused(refusal) => refusal.retry_after,
        _ => None,
    };
    let pause = asked.map_or(wait, |asked| wait.max(asked));
    (pause < left).then_some(pause)
}

/// A pool of connections.
fn http(connection: &Connection, limit: Option<Duration>) -> Result<reqwest::Client, ClientError> {
    // Fails if the program has installed a provider already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut http = reqwest::Client::builder()
        .connect_timeout(CONNECT_LIMIT)
        .redirect(Policy::none());
    if let Some(limit) = limit {
        http = http.timeout(limit);
    }
    if connection.is_local() {
        // A proxy of the environment leads elsewhere.
        http = http.no_proxy();
    }
    http.build()
        .map_err(|error| ClientError::Tls(root_cause(&error.without_url())))
}

/// The body of an answer, as long as more of it arrives.
async fn body(mut answer: reqwest::Response) -> Result<Bytes, Failure> {
    let begun = Instant::now();
    let mut body = BytesMut::new();
    loop {
        let worth = IDLE_LIMIT + Duration::from_secs(body.len() as u64 / SLOWEST);
        let until = (begun + worth).min(Instant::now() + IDLE_LIMIT);
        let piece = timeout_at(until, answer.chunk());
        let piece = piece.await.map_err(|_elapsed| silent())?;
        match piece.map_err(failure)? {
            Some(piece) if body.len() + piece.len() > MAX_ANSWER => {
                return Err(OverBudget::Page(size(MAX_ANSWER)).into());
            }
            Some(piece) => body.extend_from_slice(&piece),
            None => return Ok(body.freeze()),
        }
    }
}

fn silent() -> Failure {
    Failure::Lost(Network::Timeout, "no answer in time".to_owned())
}

#[async_trait]
impl HttpClient for Transport {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<Response> {
        let failed = |failure| azure_core::Error::new(ErrorKind::Other, failure);
        let request = Prepared::new(request).map_err(failed)?;
        self.send(&request).await.map_err(failed)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

/// A whole answer, as the 0.21 crates have it.
fn response(status: u16, headers: &HeaderMap, body: Bytes) -> Result<Response, Failure> {
    let unfit = |what: &str| Failure::Unreadable(format!("an answer with a wrong {what}"));
    let status = StatusCode::try_from(status).map_err(|_cause| unfit("status"))?;
    let mut copied = Headers::new();
    for (name, value) in headers {
        let value = value.to_str().map_err(|_cause| unfit("header"))?;
        copied.insert(name.as_str().to_owned(), value.to_owned());
    }
    let body = futures_util::stream::iter([Ok(body)]);
    Ok(Response::new(status, copied, Box::pin(body)))
}

/// What became of a request without an answer; the URL may hold a signature and is left out.
fn failure(error: reqwest::Error) -> Failure {
    let network = Network::of(&error);
    let kind = if error.is_connect() {
        Failure::Unsent
    } else {
        Failure::Lost
    };
    kind(network, root_cause(&error.without_url()))
}

#[cfg(test)]
mod tests;
