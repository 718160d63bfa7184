//! How the host ends, and its handler with it.

use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use functions_host::{State, Stop};
use http_body_util::BodyExt as _;
use rustix::process::{Pid, test_kill_process};
use tokio::time::{sleep, timeout};

use crate::harness::{App, SOON};

/// Exit code and signal of the handler.
async fn check(app: App, how: Stop, code: Option<i32>, signal: Option<i32>, said: &str) {
    let running = app.start().await;
    running.reaches(State::Initialized).await;
    let log = running.host.log().clone();
    let status = running.host.stop(how).await.unwrap();
    assert_eq!((status.code(), status.signal()), (code, signal), "{how:?}");
    let text = format!("{:?}", log.lines());
    assert_eq!(text.contains("toy got"), !said.is_empty(), "{text}");
    assert!(text.contains(said), "{text}");
}

#[tokio::test]
async fn signals() {
    let deaf = || {
        let app = App::proxying().setting("TOY_DEAF", "1");
        app.option(|options| options.waits.shutdown = Duration::from_millis(500))
    };
    check(App::proxying(), Stop::Kill, None, Some(9), "").await;
    check(
        App::proxying(),
        Stop::CtrlC,
        Some(0),
        None,
        "toy got SIGINT",
    )
    .await;
    check(
        App::proxying(),
        Stop::ScaleIn,
        Some(0),
        None,
        "toy got SIGTERM",
    )
    .await;
    check(deaf(), Stop::CtrlC, None, Some(9), "toy got SIGINT").await;
    check(deaf(), Stop::ScaleIn, None, Some(9), "toy got SIGTERM").await;
}

/// A handler that drains is given the time.
#[tokio::test]
async fn calls_under_way_end_while_the_handler_drains() {
    let running = App::proxying().start().await;
    let request = running.open(Request::get("/api/toy/pause/700"), Body::empty());
    let body = request.await.into_body();
    let (status, body) = tokio::join!(running.host.stop(Stop::ScaleIn), body.collect());
    assert_eq!(body.unwrap().to_bytes(), "first,last");
    assert_eq!(status.unwrap().code(), Some(0));
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
