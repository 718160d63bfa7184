//! One connection, from CONNECT to its end.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use rmqtt_codec::error::DecodeError;
use rmqtt_codec::types::Publish;
use rmqtt_codec::v3::{
    Codec, Connect, ConnectAck, ConnectAckReason, Packet, QoS, SubscribeReturnCode,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_util::codec::Framed;

use super::hub::{Hub, publication};
use super::provisioning::Provisioning;
use crate::dps::{Credential, Dps};
use crate::registry::linked;
use crate::tls::Called;

/// The largest message of IoT Hub, 256 KB, with its topic.
const LARGEST: u32 = 256 * 1024 + 8 * 1024;

/// Longest time from the handshake to CONNECT.
const DEADLINE: Duration = Duration::from_secs(30);

/// Longest silence of a client without keep-alive: one and a half times the longest keep-alive of IoT Hub (1,177 s).
const LONGEST_SILENCE: Duration = Duration::from_secs(1767);

/// The service that the client talks to.
enum Peer {
    Provisioning(Provisioning),
    Hub(Hub),
}

/// Serves a client until it ends, or breaks a rule.
pub(crate) async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin, called: Called, dps: Dps) {
    let mut client = Client(Framed::new(stream, Codec::new(LARGEST)));
    let (mut peer, silence) = match timeout(DEADLINE, client.0.next()).await {
        Ok(Some(Ok((Packet::Connect(connect), _)))) => match connected(&connect, called, &dps) {
            Ok(peer) => (peer, silence(connect.keep_alive)),
            Err(reason) => return client.refuse(reason).await,
        },
        Ok(Some(Err(DecodeError::UnsupportedProtocolLevel))) => {
            return client
                .refuse(ConnectAckReason::UnacceptableProtocolVersion)
                .await;
        }
        _ => return,
    };
    let accepted = client
        .acknowledge(ConnectAckReason::ConnectionAccepted)
        .await;
    if accepted.is_some() {
        while client.step(&mut peer, silence).await.is_some() {}
    }
    if let Peer::Hub(hub) = &peer {
        hub.disconnect();
    }
}

fn connected(connect: &Connect, called: Called, dps: &Dps) -> Result<Peer, ConnectAckReason> {
    let user_name = connect.username.as_deref().unwrap_or_default();
    let token = connect.password.as_deref().map(str::from_utf8).transpose();
    let Ok(token) = token else {
        return Err(ConnectAckReason::BadUserNameOrPassword);
    };
    let credential = Credential::new(token, &called.certificates);
    let (in_handshake, in_user_name) = {
        let (state, start) = (dps.core().data.read(), user_name.split('/').next());
        let called = called.name.and_then(|name| linked(&state, &name));
        (called, start.and_then(|host| linked(&state, host)))
    };
    if in_handshake.is_some() || in_user_name.is_some() {
        let called = in_handshake.as_ref().map(|hub| &hub.name);
        let hub = Hub::connect(
            dps.core(),
            called,
            user_name,
            &connect.client_id,
            &credential,
        );
        return hub.map(Peer::Hub).ok_or(ConnectAckReason::NotAuthorized);
    }
    let provisioning = Provisioning::new(dps, user_name, &connect.client_id, credential);
    provisioning
        .map(Peer::Provisioning)
        .ok_or(ConnectAckReason::BadUserNameOrPassword)
}

/// One and a half times the client's keep-alive, by MQTT 3.1.1 (section 3.1.2.10).
fn silence(keep_alive: u16) -> Duration {
    match keep_alive {
        0 => LONGEST_SILENCE,
        seconds => Duration::from_secs(u64::from(seconds)) * 3 / 2,
    }
}

/// What happens next on a connection.
enum Event {
    Received(Packet),
    Push(String, Vec<u8>),
}

struct Client<S>(Framed<S, Codec>);

/// All methods return `None` if the connection has ended, or has to end.
impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    async fn step(&mut self, peer: &mut Peer, silence: Duration) -> Option<()> {
        match self.event(peer, silence).await? {
            Event::Push(topic, body) => self.publish(topic, body).await,
            Event::Received(packet) => self.answer(peer, packet).await,
        }
    }

    async fn event(&mut self, peer: &mut Peer, silence: Duration) -> Option<Event> {
        let received = timeout(silence, self.0.next());
        let received = match peer {
            Peer::Provisioning(_) => received.await,
            Peer::Hub(hub) => tokio::select! {
                () = hub.end_of_token() => return None,
                push = hub.connection.pushes.recv() => {
                    let (topic, body) = publication(push?)?;
                    return Some(Event::Push(topic, body));
                }
                received = received => received,
            },
        };
        let (packet, _) = received.ok()??.ok()?;
        Some(Event::Received(packet))
    }

    async fn answer(&mut self, peer: &Peer, packet: Packet) -> Option<()> {
        match packet {
            Packet::Publish(publish) => self.take(peer, &publish).await,
            Packet::Subscribe {
                packet_id,
                topic_filters,
            } => {
                let granted = topic_filters.iter().map(|(filter, asked)| match peer {
                    Peer::Provisioning(_) if !Provisioning::may_subscribe(filter) => {
                        SubscribeReturnCode::Failure
                    }
                    Peer::Hub(hub) if !hub.may_subscribe(filter) => SubscribeReturnCode::Failure,
                    _ => SubscribeReturnCode::Success(asked.less_value(QoS::AtLeastOnce)),
                });
                let status = granted.collect();
                self.send(Packet::SubscribeAck { packet_id, status }).await
            }
            // Node does not end a registration before it has this.
            Packet::Unsubscribe { packet_id, .. } => {
                self.send(Packet::UnsubscribeAck { packet_id }).await
            }
            Packet::PingRequest => self.send(Packet::PingResponse).await,
            Packet::PublishAck { .. } => Some(()),
            _ => None,
        }
    }

    /// Takes a message, and acknowledges it before it is answered: the C# SDK expects that order.
    async fn take(&mut self, peer: &Peer, publish: &Publish) -> Option<()> {
        match (publish.qos, publish.packet_id) {
            (QoS::AtMostOnce, _) => {}
            (QoS::AtLeastOnce, Some(packet_id)) => {
                self.send(Packet::PublishAck { packet_id }).await?;
            }
            // Neither DPS nor IoT Hub has QoS 2.
            _ => return None,
        }
        let answer = match peer {
            Peer::Provisioning(provisioning) => {
                Some(provisioning.ask(&publish.topic, &publish.payload).await?)
            }
            Peer::Hub(hub) => hub.take(&publish.topic, &publish.payload).await.ok()?,
        };
        match answer {
            Some((topic, body)) => self.publish(topic, body).await,
            None => Some(()),
        }
    }

    async fn publish(&mut self, topic: String, body: Vec<u8>) -> Option<()> {
        let publish = Publish {
            dup: false,
            retain: false,
            qos: QoS::AtMostOnce,
            topic: topic.into(),
            packet_id: None,
            payload: body.into(),
            properties: None,
        };
        self.send(Packet::from(publish)).await
    }

    async fn acknowledge(&mut self, return_code: ConnectAckReason) -> Option<()> {
        // The C# SDK ends if the server has kept a session.
        let session_present = false;
        self.send(Packet::ConnectAck(ConnectAck {
            return_code,
            session_present,
        }))
        .await
    }

    async fn refuse(mut self, reason: ConnectAckReason) {
        // Whether it arrives or not, the connection ends.
        let _ = self.acknowledge(reason).await;
    }

    async fn send(&mut self, packet: Packet) -> Option<()> {
        self.0.send(packet).await.ok()
    }
}
