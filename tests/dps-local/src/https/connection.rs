//! One connection, and the requests that come on it.

use std::convert::Infallible;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::reply::Reply;
use super::request::Read;
use super::{routes, websocket};
use crate::dps::Dps;
use crate::tls::Called;

/// For the head of each request.
const DEADLINE: Duration = Duration::from_secs(30);

/// Answers a client until it ends.
pub(crate) async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    called: Called,
    dps: Dps,
) {
    let service = service_fn(|mut request| {
        let (dps, called) = (dps.clone(), called.clone());
        async move {
            if let Some(response) = websocket::open(&mut request, &called, &dps) {
                return Ok::<_, Infallible>(response);
            }
            let reply = match Read::new(request, called.certificates).await {
                Ok(request) => routes::answer(&dps, &request).await,
                Err(refusal) => Reply::refused(&refusal, dps.core().now()),
            };
            Ok(reply.into_response())
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(DEADLINE);
    drop(
        http.serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
            .await,
    );
}
