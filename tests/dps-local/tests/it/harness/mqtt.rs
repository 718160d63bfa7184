//! A client of MQTT that sends what a test says.

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use dps_local::Server;
use futures_util::{SinkExt as _, StreamExt as _};
use rmqtt_codec::types::Publish;
use rmqtt_codec::v3::{Codec, Connect, ConnectAckReason, Packet, QoS};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::codec::Framed;

use super::certificates::Identity;

pub(crate) struct Mqtt(Framed<TlsStream<TcpStream>, Codec>);

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A TLS connection to the server, which shows a certificate for `host`.
pub(crate) async fn tls(
    server: &Server,
    address: SocketAddr,
    host: &str,
    identity: Option<&Identity>,
) -> TlsStream<TcpStream> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(server.authority().as_bytes()).unwrap())
        .unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots);
    let config = match identity {
        None => config.with_no_client_auth(),
        Some(Identity { pem, .. }) => {
            let chain = CertificateDer::pem_slice_iter(pem.as_bytes())
                .map(Result::unwrap)
                .collect();
            let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap();
            config.with_client_auth_cert(chain, key).unwrap()
        }
    };
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap()
}

impl Mqtt {
    pub(crate) async fn open(server: &Server, host: &str, identity: Option<&Identity>) -> Self {
        Self(Framed::new(
            tls(server, server.mqtt(), host, identity).await,
            Codec::new(0),
        ))
    }

    /// The reason of CONNACK.
    pub(crate) async fn connect(
        &mut self,
        client_id: &str,
        user_name: &str,
        password: Option<&str>,
    ) -> ConnectAckReason {
        let connect = Connect {
            clean_session: false,
            keep_alive: 60,
            client_id: client_id.into(),
            username: Some(user_name.into()),
            password: password.map(|password| password.to_owned().into()),
            ..Connect::default()
        };
        self.send(Packet::from(connect)).await;
        match self.next().await {
            Some(Packet::ConnectAck(ack)) => {
                assert!(!ack.session_present);
                ack.return_code
            }
            other => panic!("{other:?} instead of CONNACK"),
        }
    }

    pub(crate) async fn send(&mut self, packet: Packet) {
        self.0.send(packet).await.unwrap();
    }

    /// `None` if the server has closed the connection.
    pub(crate) async fn next(&mut self) -> Option<Packet> {
        let next = timeout(PATIENCE, self.0.next())
            .await
            .expect("an answer, or the end");
        Some(next?.ok()?.0)
    }

    /// The server takes the subscription, or not.
    pub(crate) async fn subscribe(&mut self, filter: &str) -> Packet {
        let packet_id = NonZeroU16::MIN;
        let topic_filters = vec![(filter.into(), QoS::ExactlyOnce)];
        self.send(Packet::Subscribe {
            packet_id,
            topic_filters,
        })
        .await;
        self.next().await.unwrap()
    }

    pub(crate) async fn publish(&mut self, topic: &str, body: impl Into<String>, qos: QoS) {
        let publish = Publish {
            dup: false,
            retain: false,
            qos,
            topic: topic.into(),
            packet_id: (qos != QoS::AtMostOnce).then(|| NonZeroU16::new(7).unwrap()),
            payload: body.into().into(),
            properties: None,
        };
        self.send(Packet::from(publish)).await;
    }

    /// Topic and body of the message that comes next.
    pub(crate) async fn message(&mut self) -> (String, String) {
        match self.next().await {
            Some(Packet::Publish(publish)) => {
                let body = String::from_utf8(publish.payload.to_vec()).unwrap();
                (publish.topic.to_string(), body)
            }
            other => panic!("{other:?} instead of PUBLISH"),
        }
    }

    /// Sends bytes that are not a packet; what comes back until the server closes.
    pub(crate) async fn garbage(self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.0.into_inner();
        stream.write_all(bytes).await.unwrap();
        let mut received = Vec::new();
        let read = stream.read_to_end(&mut received);
        // The server may close without the end of TLS.
        let _ = timeout(PATIENCE, read).await.expect("the server closes");
        received
    }
}
