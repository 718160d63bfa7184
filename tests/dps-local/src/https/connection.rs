//! Connections: as many as come, none of which can hold up another.

use std::convert::Infallible;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::pki_types::CertificateDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::reply::Reply;
use super::request::Read;
use super::{routes, websocket};
use crate::dps::Dps;
use crate::mqtt::Called;

/// For the handshake, and then for the head of each request.
const DEADLINE: Duration = Duration::from_secs(30);

/// After the system has refused to give a connection, for lack of files for example.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections for ever.
pub(crate) async fn serve(listener: TcpListener, acceptor: TlsAcceptor, dps: Dps) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(connection(
                stream,
                acceptor.clone(),
                dps.clone(),
            ))),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// A connection that breaks ends itself and nothing else.
async fn connection(stream: TcpStream, acceptor: TlsAcceptor, dps: Dps) {
    // What is answered is small, and the client waits for it.
    drop(stream.set_nodelay(true));
    let Ok(Ok(stream)) = timeout(DEADLINE, acceptor.accept(stream)).await else {
        return;
    };
    let tls = stream.get_ref().1;
    let name = tls.server_name().map(str::to_owned);
    let presented = tls.peer_certificates().unwrap_or_default().iter();
    let presented: Vec<CertificateDer<'static>> =
        presented.map(|it| it.clone().into_owned()).collect();
    let service = service_fn(|mut request| {
        let (dps, certificates) = (dps.clone(), presented.clone());
        let called = Called {
            name: name.clone(),
            certificates: presented.clone(),
        };
        async move {
            if let Some(response) = websocket::open(&mut request, called, &dps) {
                return Ok::<_, Infallible>(response);
            }
            let reply = match Read::new(request, certificates).await {
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
