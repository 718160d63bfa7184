//! Connections: as many as come, none of which can hold up another.

use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::session::{Called, speak};
use crate::dps::Dps;

/// For the handshake.
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
    let presented = tls.peer_certificates().unwrap_or_default().iter();
    let called = Called {
        name: tls.server_name().map(str::to_owned),
        certificates: presented
            .map(|it| CertificateDer::clone(it).into_owned())
            .collect(),
    };
    speak(stream, called, &dps).await;
}
