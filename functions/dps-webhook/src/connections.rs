//! The connections of a server: how many there are, and how long one may be idle.
//!
//! Any caller that reaches the server can open connections and send nothing.

mod limits;

use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{error, warn};

pub(crate) use limits::Limits;

/// How long nothing is accepted after the system has refused a connection, as by `EMFILE`.
const PAUSE: Duration = Duration::from_secs(1);

/// What a connection reads ahead at most, in bytes, and so the longest head.
///
/// The Functions host forwards heads of up to 40 KiB (8 for the request line, 32 for the headers);
/// hyper's own limit of 400 KiB, times all connections, is more memory than the process may have.
const BUFFER: usize = 64 * 1024;

/// How often the log says at most that there are too many connections.
const WARN_INTERVAL: Duration = Duration::from_mins(1);

/// Serves until `stop`, and then until the requests under way are answered.
pub(crate) async fn serve<F>(
    listener: TcpListener,
    answer: impl Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    limits: Limits,
    stop: impl Future<Output = ()>,
) where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let mut acceptor = Acceptor::new(limits);
    let mut stop = pin!(stop);
    loop {
        let (stream, slot) = tokio::select! {
            accepted = acceptor.accept(&listener) => accepted,
            () = &mut stop => break,
        };
        let connection = serve_one(stream, answer.clone(), limits, acceptor.closing.subscribe());
        tokio::spawn(async move {
            connection.await;
            drop(slot);
        });
    }
    drop(listener);
    acceptor.close_idle();
    acceptor.closing.closed().await;
}

/// Accepts connections while there are fewer than allowed.
struct Acceptor {
    slots: Arc<Semaphore>,
    max: usize,
    /// Every change asks all connections to close as soon as they are idle.
    closing: watch::Sender<()>,
    warned: Option<Instant>,
}

impl Acceptor {
    fn new(limits: Limits) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(limits.max)),
            max: limits.max,
            closing: watch::Sender::new(()),
            warned: None,
        }
    }

    /// The next connection, once there is a slot for it.
    async fn accept(&mut self, listener: &TcpListener) -> (TcpStream, OwnedSemaphorePermit) {
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) if has_hung_up(&error) => continue,
                Err(error) => {
                    error!(%error, "the system refuses a connection");
                    self.close_idle();
                    sleep(PAUSE).await;
                    continue;
                }
            };
            // Nobody closes the semaphore.
            if let Ok(slot) = self.slot().await {
                return (stream, slot);
            }
        }
    }

    async fn slot(&mut self) -> Result<OwnedSemaphorePermit, tokio::sync::AcquireError> {
        if let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() {
            return Ok(slot);
        }
        if self.warned.is_none_or(|at| at.elapsed() >= WARN_INTERVAL) {
            self.warned = Some(Instant::now());
            let max = self.max;
            warn!(
                max,
                "all connections are in use; idle ones are closed, new ones wait"
            );
        }
        self.close_idle();
        Arc::clone(&self.slots).acquire_owned().await
    }

    fn close_idle(&self) {
        self.closing.send_replace(());
    }
}

/// Whether the caller hung up before it was accepted.
fn has_hung_up(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Answers the requests of one connection until either side ends it.
async fn serve_one<F>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    answer: impl Fn(Request<Incoming>) -> F,
    limits: Limits,
    mut closing: watch::Receiver<()>,
) where
    F: Future<Output = Response<Body>>,
{
    let begin = Instant::now();
    let last_head = Arc::new(Mutex::new(None));
    let heard = Arc::clone(&last_head);
    let service = service_fn(move |request| {
        *heard.lock() = Some(Instant::now());
        answer(request).map(Ok::<_, Infallible>)
    });
    let connection = http1::Builder::new()
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut due = pin!(sleep_until(begin + limits.first_head));
    loop {
        tokio::select! {
            // It does not matter whether the caller has broken the connection.
            _ended = &mut connection => return,
            () = &mut due => {
                let last_head = *last_head.lock();
                match last_head.map(|at| at + limits.next_head) {
                    Some(next) if Instant::now() < next => due.as_mut().reset(next),
                    _ => return,
                }
            }
            asked = closing.changed() => match asked {
                Ok(()) => connection.as_mut().graceful_shutdown(),
                Err(_server_gone) => return,
            },
        }
    }
}

#[cfg(test)]
mod tests;
