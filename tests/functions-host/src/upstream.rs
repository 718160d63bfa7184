//! The way to the handler: plain HTTP/1.1 to its port on 127.0.0.1.

use std::error::Error as _;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{Request, Response, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use tokio::time::sleep;

/// Time between two readiness probes (`WorkerReadyCheckPollingIntervalMilliseconds`).
const PROBE_INTERVAL: Duration = Duration::from_millis(25);

/// How often a request is sent again over a new connection.
const RESENDS: u32 = 3;

/// The handler as the host reaches it; clones share connections.
#[derive(Debug, Clone)]
pub(crate) struct Upstream {
    client: Client<HttpConnector, Body>,
    port: u16,
}

/// The handler took no connection in time.
#[derive(Debug, thiserror::Error)]
#[error("initializing HttpWorker timed out: no connection to `{0}` within {1:?}")]
pub(crate) struct ProbeError(Uri, Duration);

impl Upstream {
    pub(crate) fn new(port: u16) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            port,
        }
    }

    /// `http://127.0.0.1:<port>` with this path and query.
    pub(crate) fn uri(&self, target: &PathAndQuery) -> Uri {
        let mut uri = Uri::default().into_parts();
        uri.scheme = Some(axum::http::uri::Scheme::HTTP);
        uri.authority = format!("{}:{}", Ipv4Addr::LOCALHOST, self.port)
            .parse()
            .ok();
        uri.path_and_query = Some(target.clone());
        Uri::from_parts(uri).unwrap_or_default()
    }

    /// Sends one request; one without a body again if the handler closes without an answer, as
    /// .NET's HTTP client does (`MaxConnectionFailureRetries`). A refused connection is final.
    pub(crate) async fn send(
        &self,
        head: &Parts,
        body: Option<Body>,
    ) -> Result<Response<Body>, Error> {
        let resends = if body.is_some() { 0 } else { RESENDS };
        let request = |body| Request::from_parts(head.clone(), body);
        let mut result = self.client.request(request(body.unwrap_or_default())).await;
        for _ in 0..resends {
            if !result.as_ref().is_err_and(closed_early) {
                break;
            }
            result = self.client.request(request(Body::empty())).await;
        }
        Ok(result?.map(Body::new))
    }

    /// Waits until `GET /` is answered: with anything, 404 too. Section 2 of the reference;
    /// `DefaultHttpWorkerService.IsWorkerReady`.
    ///
    /// Only a refused connection is tried again, and only tries count as time: a handler that
    /// takes the connection and says nothing is waited for (for functionTimeout and a minute in
    /// the real host, for ever here; the calls that wait end this).
    pub(crate) async fn probe(&self, limit: Duration) -> Result<(), ProbeError> {
        let uri = self.uri(&PathAndQuery::from_static("/"));
        let mut waited = Duration::ZERO;
        loop {
            let (mut head, ()) = Request::new(()).into_parts();
            head.uri = uri.clone();
            match self.send(&head, None).await {
                Err(error) if error.is_connect() && waited >= limit => {
                    return Err(ProbeError(uri, limit));
                }
                Err(error) if error.is_connect() => {}
                Ok(_) | Err(_) => return Ok(()),
            }
            sleep(PROBE_INTERVAL).await;
            waited += PROBE_INTERVAL;
        }
    }
}

/// Whether the handler has closed the connection before it said anything.
fn closed_early(error: &Error) -> bool {
    let Some(error) = error
        .source()
        .and_then(|it| it.downcast_ref::<hyper::Error>())
    else {
        return false;
    };
    let reset = error
        .source()
        .and_then(|it| it.downcast_ref::<io::Error>())
        .is_some_and(|it| {
            matches!(
                it.kind(),
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
            )
        });
    error.is_incomplete_message() || error.is_canceled() || reset
}
