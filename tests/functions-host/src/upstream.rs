//! The way to the handler: plain HTTP/1.1 to its port on 127.0.0.1.

use std::net::Ipv4Addr;
use std::time::Duration;

use axum::body::Body;
use axum::http::uri::PathAndQuery;
use axum::http::{Request, Response, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use tokio::time::sleep;

/// Time between two readiness probes (`WorkerReadyCheckPollingIntervalMilliseconds`).
const PROBE_INTERVAL: Duration = Duration::from_millis(25);

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

    /// Sends one request; there is no retry here but of a pooled connection that was dead already.
    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        Ok(self.client.request(request).await?.map(Body::new))
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
            let mut request = Request::new(Body::empty());
            *request.uri_mut() = uri.clone();
            match self.send(request).await {
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
