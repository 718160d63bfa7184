//! MQTT and AMQP over WebSocket.

use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CONNECTION, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, UPGRADE,
};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, duplex,
};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::amqp;
use crate::dps::Dps;
use crate::mqtt;
use crate::tls::Called;

/// What is spoken on a WebSocket.
#[derive(Clone, Copy)]
enum Protocol {
    Mqtt,
    Amqp,
}

impl Protocol {
    /// The name of the subprotocol: by MQTT 3.1.1 (section 6), by the binding of AMQP (OASIS, of 2018), and by SDKs of
    /// Azure, which keep that of its first draft.
    fn named(name: &str) -> Option<Self> {
        match name {
            "mqtt" => Some(Self::Mqtt),
            "amqp" | "AMQPWSB10" => Some(Self::Amqp),
            _ => None,
        }
    }
}

/// Larger than what either protocol takes, which ends the connection itself.
const LARGEST: usize = 512 * 1024;

/// Bytes between the two protocols.
const BUFFER: usize = 16 * 1024;

/// Opens a WebSocket, if that is what the client asks for.
///
/// Paths differ: `/$iothub/websocket` for Python, Node and C, `/` for C#.
pub(super) fn open(
    request: &mut Request<Incoming>,
    called: &Called,
    dps: &Dps,
) -> Option<Response<Full<Bytes>>> {
    let (accept, name, protocol) = accepted(request)?;
    let upgrade = hyper::upgrade::on(request);
    let (called, dps) = (called.clone(), dps.clone());
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            let config = WebSocketConfig::default().max_message_size(Some(LARGEST));
            let stream = TokioIo::new(upgraded);
            let stream = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
            let (near, far) = duplex(BUFFER);
            match protocol {
                Protocol::Mqtt => {
                    tokio::join!(mqtt::speak(far, called, dps), carry(stream, near));
                }
                Protocol::Amqp => {
                    tokio::join!(amqp::speak(far, called, dps), carry(stream, near));
                }
            }
        }
    });
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_PROTOCOL, name);
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Some(response)
}

/// The answer to the key, and the first subprotocol of the client that is spoken here.
fn accepted(request: &Request<Incoming>) -> Option<(HeaderValue, HeaderValue, Protocol)> {
    let header = |name: HeaderName| request.headers().get(name)?.to_str().ok();
    let is_websocket = header(UPGRADE)?.eq_ignore_ascii_case("websocket");
    let mut protocols = header(SEC_WEBSOCKET_PROTOCOL)?.split(',').map(str::trim);
    let key = header(SEC_WEBSOCKET_KEY)?;
    let (name, protocol) = protocols.find_map(|name| Some((name, Protocol::named(name)?)))?;
    let name = HeaderValue::from_str(name).ok()?;
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok()?;
    is_websocket.then_some((accept, name, protocol))
}

/// Carries bytes both ways until either side ends.
async fn carry(
    mut socket: WebSocketStream<impl AsyncRead + AsyncWrite + Unpin>,
    mut near: DuplexStream,
) {
    let mut buffer = vec![0; BUFFER];
    loop {
        tokio::select! {
            received = socket.next() => match received {
                Some(Ok(Message::Binary(bytes))) => {
                    if near.write_all(&bytes).await.is_err() {
                        break;
                    }
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                // Text, the end, or a broken frame.
                _ => break,
            },
            read = near.read(&mut buffer) => {
                let bytes = read.ok().and_then(|length| buffer.get(..length)).unwrap_or_default();
                if bytes.is_empty() || socket.send(Message::binary(bytes.to_vec())).await.is_err() {
                    break;
                }
            }
        }
    }
    // The client may be gone.
    drop(socket.close(None).await);
}
