//! How the host ends, and its handler with it.

use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use functions_host::{State, Stop};
use http_body_util::{BodyExt as _, Collected};
use rustix::process::{Pid, test_kill_process};
use tokio::time::{sleep, timeout};

use crate::harness::{App, Running, SOON};

/// Exit code and signal of a handler.
type Ended = (Option<i32>, Option<i32>);

const KILLED: Option<Ended> = Some((None, Some(9)));

fn deaf() -> App {
    App::proxying().setting("TOY_DEAF", "1")
}

/// Longer than any test: what is cut is cut before its end.
const FOR_EVER: &str = "/api/toy/pause/600000";

/// A handler that serves a call while the host ends: what the caller gets of its two halves, how
/// the handler ends, and the signal that the handler says it got.
async fn check(app: App, how: Stop, body: Option<&str>, ended: Option<Ended>) {
    let running = app.start().await;
    running.reaches(State::Initialized).await;
    let log = running.host.log().clone();
    let path = body.map_or(FOR_EVER, |_whole| "/api/toy/pause/2000");
    let request = running.open(Request::get(path), Body::empty());
    let answer = request.await.into_body();
    let (status, answer) = tokio::join!(running.host.stop(how), answer.collect());
    let answer = answer.ok().map(Collected::to_bytes);
    assert_eq!(answer.as_deref(), body.map(str::as_bytes), "{how:?}");
    let status = status.unwrap();
    let got = (status.code(), status.signal());
    assert_eq!(got, ended.unwrap_or(got), "{how:?}");
    let text = format!("{:?}", log.lines());
    let line = match how {
        Stop::Host | Stop::Kill => None,
        Stop::CtrlC => Some("toy got SIGINT"),
        Stop::ScaleIn => Some("toy got SIGTERM"),
    };
    assert_eq!(text.contains("toy got"), line.is_some(), "{how:?} {text}");
    assert!(text.contains(line.unwrap_or_default()), "{how:?} {text}");
}

#[tokio::test]
async fn calls_end_and_the_handler_is_killed() {
    let whole = Some("first,last");
    let hasty = || App::proxying().setting("TOY_HASTY", "1");
    tokio::join!(
        check(App::proxying(), Stop::Host, whole, KILLED),
        check(deaf(), Stop::CtrlC, whole, KILLED),
        check(deaf(), Stop::ScaleIn, whole, KILLED),
        // One that drains by itself may end before it is killed.
        check(App::proxying(), Stop::CtrlC, whole, None),
        check(hasty(), Stop::ScaleIn, None, Some((Some(0), None))),
        check(deaf(), Stop::Kill, None, KILLED),
    );
}

#[tokio::test]
async fn calls_that_take_too_long_are_cut() {
    let app = deaf().option(|options| options.waits.drain = Duration::from_millis(300));
    let running = app.start().await;
    let request = running.open(Request::get(FOR_EVER), Body::empty());
    let body = request.await.into_body();
    let (status, body) = tokio::join!(running.host.stop(Stop::Host), body.collect());
    assert!(body.is_err(), "{body:?}");
    assert_eq!(status.unwrap().signal(), Some(9));
}

#[tokio::test]
async fn new_connections_are_refused_while_calls_end() {
    let Running { host, folder } = App::proxying().start().await;
    let port = host.port();
    let call = |path: &'static str| {
        let url = format!("http://127.0.0.1:{port}{path}");
        let client =
            hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new());
        client.build_http::<Body>().get(url.parse().unwrap())
    };
    let under_way = call("/api/toy/pause/1500").await.unwrap();
    let later = async {
        sleep(Duration::from_millis(500)).await;
        call("/api/toy").await
    };
    let body = under_way.into_body().collect();
    let (_, body, later) = tokio::join!(host.stop(Stop::Host), body, later);
    assert_eq!(body.unwrap().to_bytes(), "first,last");
    assert!(later.unwrap_err().is_connect());
    drop(folder);
}

/// A caller that does not finish its upload holds the end up as long as a call may.
#[tokio::test]
async fn an_unfinished_upload_holds_the_end_up() {
    let app = App::forwarding().option(|options| options.waits.drain = Duration::from_millis(300));
    let running = app.start().await;
    running.reaches(State::Initialized).await;
    let (mut sender, body) = http_body_util::Channel::<axum::body::Bytes, std::io::Error>::new(1);
    let request = Request::post("/api/toy").header("content-length", 10);
    let log = running.host.log().clone();
    let upload = async {
        sender
            .send_data(axum::body::Bytes::from_static(b"half"))
            .await
            .unwrap();
        log.wait_for(|line| line.message.starts_with("Executing"))
            .await;
    };
    let url = format!("{}/api/toy", running.host.url());
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new());
    let mut request = request.body(Body::new(body)).unwrap();
    *request.uri_mut() = url.parse().unwrap();
    let call = client.build_http::<Body>().request(request);
    let stop = async {
        upload.await;
        timeout(SOON, running.host.stop(Stop::Host)).await
    };
    let (answer, stopped) = tokio::join!(call, stop);
    assert!(answer.is_err(), "{answer:?}");
    assert!(stopped.is_ok());
    drop(sender);
}

#[tokio::test]
async fn nothing_to_stop() {
    assert_eq!(
        App::empty().start().await.host.stop(Stop::CtrlC).await,
        None
    );
    let running = App::proxying().setting("TOY_START_EXIT", "1").start().await;
    running.reaches(State::Stopped).await;
    assert_eq!(running.host.stop(Stop::Kill).await, None);
}

#[tokio::test]
async fn a_handler_that_ended_well_still_has_its_status() {
    let running = App::proxying().start().await;
    running.post("/api/toy/exit/0", "body").await;
    assert_eq!(
        running.host.stop(Stop::ScaleIn).await.unwrap().code(),
        Some(0)
    );
}

#[tokio::test]
async fn dropping_the_host_kills_the_handler() {
    let running = App::proxying().start().await;
    running.reaches(State::Initialized).await;
    let pid = i32::try_from(running.host.handler_pid().unwrap()).unwrap();
    drop(running);
    let gone = async {
        while test_kill_process(Pid::from_raw(pid).unwrap()).is_ok() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(timeout(SOON, gone).await.is_ok());
}
