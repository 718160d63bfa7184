//! Connections: as many as come, none of which can hold up another.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// For the handshake.
const DEADLINE: Duration = Duration::from_secs(30);

/// After the system has refused to give a connection, for lack of files for example.
const PAUSE: Duration = Duration::from_millis(100);

/// How a client has called. Clones share the certificates.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    /// The host that it named in the handshake.
    pub(crate) name: Option<String>,
    /// What it has shown, its own certificate first; it holds the key of that one.
    pub(crate) certificates: Arc<[CertificateDer<'static>]>,
}

/// Accepts connections for ever, and hands each to `speak` once its handshake is done.
///
/// A connection that breaks ends itself and nothing else.
pub(crate) async fn serve<F>(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    speak: impl Fn(TlsStream<TcpStream>, Called) -> F + Clone + Send + 'static,
) where
    F: Future<Output = ()> + Send,
{
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let (acceptor, speak) = (acceptor.clone(), speak.clone());
        tokio::spawn(async move {
            if let Some((stream, called)) = shaken(stream, &acceptor).await {
                speak(stream, called).await;
            }
        });
    }
}

/// None if the handshake fails, or is not done in time.
async fn shaken(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
) -> Option<(TlsStream<TcpStream>, Called)> {
    // What is answered is small, and the client waits for it.
    drop(stream.set_nodelay(true));
    let accepted = timeout(DEADLINE, acceptor.accept(stream)).await;
    let stream = accepted.ok()?.ok()?;
    let tls = stream.get_ref().1;
    let presented = tls.peer_certificates().unwrap_or_default().iter();
    let called = Called {
        name: tls.server_name().map(str::to_owned),
        certificates: presented.map(|it| it.clone().into_owned()).collect(),
    };
    Some((stream, called))
}
