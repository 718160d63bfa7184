//! The front of the host: its connections, from the first byte to the last answer.
//!
//! Section 10 of the reference: an unfinished head gets 408; a host that stops refuses new
//! connections and lets running calls end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use crate::server::{self, App};

/// More than the host takes: it counts headers itself, to answer as Kestrel does.
const PARSED_HEADERS: usize = 1_000;

/// Everything that accepts and serves connections; dropped, it cuts them.
#[derive(Debug)]
pub(crate) struct Front {
    closing: Arc<watch::Sender<bool>>,
    task: JoinHandle<()>,
}

impl Front {
    /// Serves until it is closed, or the host has given up; `patience` is for a caller's head.
    pub(crate) fn start(listener: TcpListener, app: Arc<App>, patience: Duration) -> Self {
        let closing = Arc::new(watch::channel(false).0);
        let task = tokio::spawn(accept(listener, app, Arc::clone(&closing), patience));
        Self { closing, task }
    }

    /// Refuses new connections, and waits for the calls under way; then cuts them.
    pub(crate) async fn close(&mut self, drain: Duration) {
        self.closing.send_replace(true);
        if timeout(drain, &mut self.task).await.is_err() {
            self.task.abort();
            // Cut when the task is gone, which takes the connections along.
            let _ = (&mut self.task).await;
        }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    app: Arc<App>,
    closing: Arc<watch::Sender<bool>>,
    patience: Duration,
) {
    let mut connections = JoinSet::new();
    let (dispatcher, mut refuse) = (app.dispatcher.clone(), closing.subscribe());
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, peer)) = accepted {
                let (app, closing) = (Arc::clone(&app), closing.subscribe());
                connections.spawn(serve(stream, peer, app, closing, patience));
            },
            Some(_) = connections.join_next() => {}
            _ = refuse.wait_for(|closing| *closing) => break,
            () = dispatcher.stopped() => break,
        }
    }
    drop(listener);
    closing.send_replace(true);
    while connections.join_next().await.is_some() {}
}

/// One connection. The clock for a head runs from its first byte, and for the first head only.
async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    app: Arc<App>,
    mut closing: watch::Receiver<bool>,
    patience: Duration,
) {
    // It fails only on a connection that is gone, which is found out below.
    let _ = stream.set_nodelay(true);
    let mut first = [0];
    tokio::select! {
        _ = closing.wait_for(|closing| *closing) => return,
        begun = stream.peek(&mut first) => if !begun.is_ok_and(|bytes| bytes > 0) { return },
    }
    let head = Arc::new(Notify::new());
    let read = Arc::clone(&head);
    let service = service_fn(move |request: Request<Incoming>| {
        read.notify_one();
        let app = Arc::clone(&app);
        async move { Ok::<_, Infallible>(server::serve(&app, peer, request.map(Body::new)).await) }
    });
    let mut connection = http1::Builder::new()
        .max_headers(PARSED_HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    let mut overdue = Box::pin(async {
        let first = head.notified();
        timeout(patience, first).await.is_err()
    });
    let (mut reading, mut is_closing) = (true, false);
    loop {
        tokio::select! {
            // An error is the caller's, or the handler's that broke off: the connection is gone.
            _ = &mut connection => return,
            late = &mut overdue, if reading => {
                reading = false;
                if late {
                    break;
                }
            }
            _ = closing.wait_for(|closing| *closing), if !is_closing => {
                is_closing = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
    time_out(connection.into_parts().io.into_inner()).await;
}

async fn time_out(mut stream: TcpStream) {
    let date = Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT");
    let head = format!(
        "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\nDate: {date}\r\n\
         Server: Kestrel\r\n\r\n"
    );
    // The caller may have gone.
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.shutdown().await;
}
