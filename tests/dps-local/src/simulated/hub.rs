//! Connecting to a hub over MQTT.

use std::num::NonZeroU16;
use std::sync::Arc;

use futures_util::{SinkExt as _, StreamExt as _};
use rmqtt_codec::types::Publish;
use rmqtt_codec::v3::{Codec, Connect, ConnectAckReason, Packet, QoS};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::codec::Framed;

use super::credential::SimulatedCredential;
use super::error::SimulatedError;
use super::site::Site;

/// The largest message of IoT Hub, with its topic.
const LARGEST: u32 = 256 * 1024 + 8 * 1024;

/// A device that is connected to its hub, until this is dropped.
#[derive(Debug)]
pub struct OnHub(Framed<TlsStream<TcpStream>, Codec>);

impl OnHub {
    pub(super) async fn connect(
        site: &Site,
        roots: &RootCertStore,
        credential: &SimulatedCredential,
        hub: &str,
        device_id: &str,
    ) -> Result<Self, SimulatedError> {
        let named = ServerName::try_from(hub.to_owned()).map_err(std::io::Error::other)?;
        let stream = TcpStream::connect(site.mqtt).await?;
        stream.set_nodelay(true)?;
        let connector = TlsConnector::from(Arc::new(tls(roots.clone(), credential)?));
        let stream = connector.connect(named, stream).await?;
        let mut on_hub = Self(Framed::new(stream, Codec::new(LARGEST)));
        let token = credential.token(&format!("{hub}/devices/{device_id}"), None);
        on_hub
            .send(Packet::from(Connect {
                client_id: device_id.into(),
                username: Some(format!("{hub}/{device_id}/?api-version=2021-04-12").into()),
                password: token.map(Into::into),
                ..Connect::default()
            }))
            .await?;
        match on_hub.next().await? {
            Packet::ConnectAck(ack) if ack.return_code == ConnectAckReason::ConnectionAccepted => {
                Ok(on_hub)
            }
            Packet::ConnectAck(ack) => {
                Err(SimulatedError::Hub(ack.return_code.reason().to_owned()))
            }
            other => Err(unexpected(&other)),
        }
    }

    /// The device's twin: its desired and reported properties.
    ///
    /// # Errors
    /// Where the connection ends, or the hub does not answer with a twin.
    pub async fn twin(&mut self) -> Result<Value, SimulatedError> {
        self.send(Packet::Subscribe {
            packet_id: NonZeroU16::MIN,
            topic_filters: vec![("$iothub/twin/res/#".into(), QoS::AtMostOnce)],
        })
        .await?;
        match self.next().await? {
            Packet::SubscribeAck { .. } => {}
            other => return Err(unexpected(&other)),
        }
        self.send(Packet::from(Publish {
            dup: false,
            retain: false,
            qos: QoS::AtMostOnce,
            topic: "$iothub/twin/GET/?$rid=1".into(),
            packet_id: None,
            payload: Vec::new().into(),
            properties: None,
        }))
        .await?;
        match self.next().await? {
            Packet::Publish(answer) if answer.topic.starts_with("$iothub/twin/res/200/") => {
                Ok(serde_json::from_slice(&answer.payload).map_err(std::io::Error::other)?)
            }
            Packet::Publish(answer) => Err(SimulatedError::Hub(answer.topic.to_string())),
            other => Err(unexpected(&other)),
        }
    }

    async fn send(&mut self, packet: Packet) -> Result<(), SimulatedError> {
        let sent = self.0.send(packet).await;
        Ok(sent.map_err(|error| std::io::Error::other(error.to_string()))?)
    }

    async fn next(&mut self) -> Result<Packet, SimulatedError> {
        match self.0.next().await {
            Some(Ok((packet, _))) => Ok(packet),
            Some(Err(error)) => Err(std::io::Error::other(error.to_string()).into()),
            None => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
        }
    }
}

/// Its kind only: a packet can hold what is in a twin.
fn unexpected(packet: &Packet) -> SimulatedError {
    SimulatedError::Hub(format!("packet of type {}", packet.packet_type()))
}

fn tls(
    roots: RootCertStore,
    credential: &SimulatedCredential,
) -> Result<ClientConfig, SimulatedError> {
    let config = ClientConfig::builder().with_root_certificates(roots);
    Ok(match credential {
        SimulatedCredential::Certificate(own) => {
            let chain: Result<Vec<_>, _> =
                CertificateDer::pem_slice_iter(own.certificate.as_bytes()).collect();
            let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes())?;
            config.with_client_auth_cert(chain?, key)?
        }
        SimulatedCredential::None | SimulatedCredential::Key(_) | SimulatedCredential::Tpm(_) => {
            config.with_no_client_auth()
        }
    })
}
