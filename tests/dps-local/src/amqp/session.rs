//! One connection, from its first byte to its end.

use std::fmt::Debug;
use std::io::Cursor;
use std::time::Duration;

use fe2o3_amqp::acceptor::{
    ConnectionAcceptor, LinkAcceptor, LinkEndpoint, ListenerConnectionHandle,
    ListenerSessionHandle, SessionAcceptor,
};
use fe2o3_amqp::link::{LinkStateError, RecvError};
use fe2o3_amqp::types::definitions::{AmqpError, Error};
use fe2o3_amqp::types::messaging::Body;
use fe2o3_amqp::types::primitives::Value;
use fe2o3_amqp::{Delivery, Receiver, Sender};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, join, split};
use tokio::time::timeout;

use super::message::{Operation, Request, answer, correlation_id, error};
use super::sasl::Sasl;
use super::shown::{Name, Shown};
use crate::dps::{Caller, Credential, Dps};
use crate::tls::Called;

/// From the handshake to the links, for a client to have room for an answer, and for the end.
const DEADLINE: Duration = Duration::from_secs(30);

/// How long a client may be silent; with nothing to say it sends empty frames. How long DPS waits is not known.
const SILENCE: Duration = Duration::from_mins(4);

/// The largest frame. Longer messages come in several.
const FRAME: u32 = 64 * 1024;

/// What a message has beside its body.
const ENVELOPE: usize = 8 * 1024;

/// How a client begins: with or without SASL.
const WITH_SASL: [u8; 8] = *b"AMQP\x03\x01\x00\x00";
const WITHOUT_SASL: [u8; 8] = *b"AMQP\x00\x01\x00\x00";

/// Serves a device until it ends, or breaks a rule.
pub(crate) async fn speak(
    stream: impl AsyncRead + AsyncWrite + Debug + Unpin + Send + 'static,
    called: Called,
    dps: Dps,
) {
    let opened = timeout(DEADLINE, open(stream, called, &dps)).await;
    let Ok(Some((mut connection, shown))) = opened else {
        return;
    };
    let client = timeout(DEADLINE, Client::new(&mut connection, shown, dps)).await;
    if let Ok(Some(mut client)) = client
        && client.serve().await == End::ByClient
    {
        let left = timeout(DEADLINE, client.leave(&mut connection)).await;
        if left.is_ok() {
            return;
        }
    }
    // The client may be gone.
    drop(timeout(DEADLINE, connection.close()).await);
}

/// Why no more requests are taken.
#[derive(Debug, PartialEq)]
enum End {
    /// The client has detached its link: it ends the connection in its own order, and may wait for a minute if the
    /// server does so before.
    ByClient,
    /// The connection is broken, or has to be ended.
    Broken,
}

/// `None` if the client speaks another protocol, or cannot be who it says.
async fn open(
    stream: impl AsyncRead + AsyncWrite + Debug + Unpin + Send + 'static,
    called: Called,
    dps: &Dps,
) -> Option<(ListenerConnectionHandle, Shown)> {
    let (mut read, mut write) = split(stream);
    let mut header = [0; 8];
    read.read_exact(&mut header).await.ok()?;
    if header != WITH_SASL && header != WITHOUT_SASL {
        // What would be understood, by section 2.2 of the standard.
        drop(write.write_all(&WITH_SASL).await);
        return None;
    }
    let stream = join(Cursor::new(header).chain(read), write);
    let acceptor = ConnectionAcceptor::builder()
        .container_id("dps-local")
        .max_frame_size(FRAME)
        .idle_time_out(u32::try_from(SILENCE.as_millis()).ok()?);
    if header == WITHOUT_SASL {
        let credential = Credential::new(None, &called.certificates);
        let connection = acceptor.build().accept(stream).await.ok()?;
        let name = None;
        return Some((connection, Shown { name, credential }));
    }
    let sasl = Sasl::new(dps.clone(), called.certificates);
    let acceptor = acceptor.sasl_acceptor(sasl.clone()).build();
    let connection = acceptor.accept(stream).await.ok()?;
    Some((connection, sasl.shown()?))
}

/// A device that registers.
struct Client {
    dps: Dps,
    caller: Caller,
    requests: Receiver,
    answers: Sender,
    session: ListenerSessionHandle,
}

impl Client {
    /// Waits for a session and for two links with the name of the device: for requests and for answers.
    async fn new(
        connection: &mut ListenerConnectionHandle,
        shown: Shown,
        dps: Dps,
    ) -> Option<Self> {
        let largest = dps.core().options.limits.message_bytes + ENVELOPE;
        let mut session = SessionAcceptor::new().accept(connection).await.ok()?;
        let acceptor = LinkAcceptor::builder()
            .max_message_size(u64::try_from(largest).ok()?)
            .build();
        let (mut requests, mut answers) = (None, None);
        while requests.is_none() || answers.is_none() {
            match acceptor.accept(&mut session).await.ok()? {
                LinkEndpoint::Receiver(link) => requests = Some(link),
                LinkEndpoint::Sender(link) => answers = Some(link),
            }
        }
        let (requests, answers) = (requests?, answers?);
        let name = named(&requests, &answers, shown.name);
        let Some(name) = name else {
            let error = Error::new(AmqpError::NotFound, None, None);
            drop(connection.close_with_error(error).await);
            return None;
        };
        Some(Self {
            dps,
            caller: name.caller(shown.credential),
            requests,
            answers,
            session,
        })
    }

    /// Answers requests until there are no more.
    async fn serve(&mut self) -> End {
        loop {
            let request = match self.requests.recv().await {
                Ok(request) => request,
                Err(RecvError::LinkStateError(
                    LinkStateError::RemoteClosed | LinkStateError::RemoteDetached,
                )) => return End::ByClient,
                Err(_) => return End::Broken,
            };
            if self.answer(&request).await.is_none() {
                return End::Broken;
            }
        }
    }

    /// `None` if there is nothing like this to ask, or the answer is not taken.
    async fn answer(&mut self, request: &Delivery<Body<Value>>) -> Option<()> {
        let asked = Request::read(request.message())?;
        let answered = match &asked.operation {
            Operation::Register => self.dps.register(&self.caller, &asked.body).await,
            Operation::Status(operation) => self.dps.operation(&self.caller, operation),
            Operation::Lookup => self.dps.lookup(&self.caller, &asked.body),
        };
        if answered.status >= 300 {
            let rejected = self.requests.reject(request, error(&answered)).await;
            return rejected.ok();
        }
        self.requests.accept(request).await.ok()?;
        let message = answer(&answered, correlation_id(request.message()));
        // Not until it is settled: a client may have more to ask before that.
        let sent = timeout(DEADLINE, self.answers.send_batchable(message)).await;
        sent.ok()?.ok().map(drop)
    }

    /// Waits until the client has ended all that it has begun.
    async fn leave(&mut self, connection: &mut ListenerConnectionHandle) {
        self.answers.on_detach().await;
        // Each answers the client, and fails if that is gone.
        drop(self.session.on_end().await);
        drop(connection.on_close().await);
    }
}

/// Who both links are for; `None` if that is not one device, or not the one that the client has said it is.
fn named(requests: &Receiver, answers: &Sender, said: Option<Name>) -> Option<Name> {
    let target = requests.target().as_ref()?.address.as_deref()?;
    let source = answers.source().as_ref()?.address.as_deref()?;
    let name = Name::parse(target)?;
    let is_one = target == source && said.is_none_or(|said| said == name);
    is_one.then_some(name)
}
