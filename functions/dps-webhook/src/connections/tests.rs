use std::net::Ipv4Addr;

use axum::Router;
use axum::routing::{get, post};
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::task::yield_now;
use tower::ServiceExt as _;

use super::*;

const LIMITS: Limits = Limits {
    max: 3,
    first_head: Duration::from_secs(10),
    next_head: Duration::from_secs(77),
};

const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const CLOSED: &str = "";

/// `GET /` answers `ok`, and `POST /` once the body is there.
fn answers() -> impl Fn(Request<Incoming>) -> BoxFuture<'static, Response<Body>> + Clone {
    let ok = get(async || "ok").post(async |body: String| body);
    let router = Router::new()
        .route("/", ok)
        .route("/long", post(async || "x".repeat(100_000)));
    move |request| {
        let answered = router.clone().oneshot(request);
        Box::pin(answered.map(|answered| answered.unwrap()))
    }
}

/// The caller's end of a connection.
fn connection(buffer: usize) -> (DuplexStream, watch::Sender<()>) {
    let (caller, server) = duplex(buffer);
    let closing = watch::Sender::new(());
    tokio::spawn(serve_one(server, answers(), LIMITS, closing.subscribe()));
    (caller, closing)
}

/// Reads one short answer; empty if the server has closed the connection.
async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = [0; 1024];
    let length = stream.read(&mut bytes).await.unwrap_or_default();
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> String {
    stream.write_all(GET.as_bytes()).await.unwrap();
    answer(stream).await
}

/// Between two parts; no multiple of it is one of the limits.
const BETWEEN: Duration = Duration::from_millis(650);

/// Sends these parts one by one; the connection is closed after so many seconds.
async fn check_closed(parts: impl IntoIterator<Item = &str>, seconds: u64) {
    let (mut caller, _closing) = connection(64 * 1024);
    let begin = Instant::now();
    let mut sent = String::new();
    for part in parts {
        sent += part;
        if caller.write_all(part.as_bytes()).await.is_err() {
            break;
        }
        sleep(BETWEEN).await;
    }
    let mut read = Vec::new();
    caller.read_to_end(&mut read).await.unwrap();
    assert_eq!(begin.elapsed().as_secs(), seconds, "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_whole_head_is_closed() {
    check_closed([], 10).await;
    check_closed(["P"], 10).await;
    check_closed(["GET / HTTP/1.1\r\nHost: x\r\n"], 10).await;
    check_closed(
        ["GET / HTTP/1.1\r\n"].into_iter().chain(["x: y\r\n"; 30]),
        10,
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_after_its_last_head() {
    // Answered at once.
    check_closed([GET], 77).await;
    check_closed([GET, GET, GET], 78).await;
    // Never answered, since the body does not come: handlers have a deadline of their own.
    let waits = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n";
    check_closed([waits], 77).await;
    // The head of the second request does not end.
    check_closed([GET].into_iter().chain(["G"; 200]), 77).await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_reads_no_answers_is_given_up() {
    let (mut caller, closing) = connection(1024);
    let request = "POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    let begin = Instant::now();
    while caller.write_all(request.as_bytes()).await.is_ok() {}
    assert_eq!(begin.elapsed().as_secs(), 77);
    closing.closed().await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_in_use_stays() {
    let (mut caller, _closing) = connection(64 * 1024);
    for _ in 0..10 {
        assert!(ask(&mut caller).await.ends_with("ok"));
        sleep(Duration::from_mins(1)).await;
    }
}

/// A server on a socket; it stops when the sender is gone.
async fn server() -> (std::net::SocketAddr, tokio::sync::oneshot::Sender<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let stopped = async { drop(stopped.await) };
    tokio::spawn(serve(listener, answers(), LIMITS, stopped));
    (address, stop)
}

#[tokio::test]
async fn idle_connections_make_room_for_new_ones() {
    let (address, _stop) = server().await;
    let mut connections = Vec::new();
    for _ in 0..10 {
        let mut caller = TcpStream::connect(address).await.unwrap();
        assert!(ask(&mut caller).await.ends_with("ok"));
        connections.push(caller);
    }
    assert_eq!(answer(&mut connections[0]).await, CLOSED);
    let last = connections.last_mut().unwrap();
    assert!(ask(last).await.ends_with("ok"));
}

#[tokio::test(start_paused = true)]
async fn connections_that_say_nothing_keep_others_out_for_the_time_of_a_head() {
    let (address, _stop) = server().await;
    let mut silent = Vec::new();
    for _ in 0..LIMITS.max {
        let mut caller = TcpStream::connect(address).await.unwrap();
        caller.write_all(b"POST / HT").await.unwrap();
        silent.push(caller);
    }
    yield_now().await;
    let begin = Instant::now();
    let mut caller = TcpStream::connect(address).await.unwrap();
    assert!(ask(&mut caller).await.ends_with("ok"));
    assert_eq!(begin.elapsed().as_secs(), 10);
    for mut caller in silent {
        assert_eq!(answer(&mut caller).await, CLOSED);
    }
}

#[tokio::test]
async fn a_stop_answers_what_is_under_way_and_closes_the_rest() {
    let (address, stop) = server().await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    assert!(ask(&mut idle).await.ends_with("ok"));
    let mut busy = TcpStream::connect(address).await.unwrap();
    let head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n";
    busy.write_all(head).await.unwrap();
    // Once another is answered, this one's head has been read as well.
    assert!(ask(&mut idle).await.ends_with("ok"));
    drop(stop);
    assert_eq!(answer(&mut idle).await, CLOSED);
    busy.write_all(b"yes").await.unwrap();
    let answered = answer(&mut busy).await;
    assert!(
        answered.ends_with("yes") && answered.contains("connection: close"),
        "{answered}"
    );
    assert!(TcpStream::connect(address).await.is_err());
}

#[test]
fn only_others_are_counted() {
    let max = |address: &str| {
        let address = address.parse().unwrap();
        Limits::of_server(address, Duration::from_secs(2)).max
    };
    for (address, limited) in [
        ("127.0.0.1", false),
        ("::1", false),
        ("0.0.0.0", true),
        ("::", true),
        ("10.0.0.4", true),
    ] {
        assert_eq!(max(address) < 1000, limited, "{address}");
    }
}
