//! What happens when the handler is slow, ends or dies.

use functions_host::State;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::harness::{App, Running};

fn kill(running: &Running) {
    let pid = i32::try_from(running.host.handler_pid().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
}

#[tokio::test]
async fn calls_wait_for_a_slow_start() {
    let running = App::proxying()
        .setting("TOY_START_DELAY_MS", "700")
        .start()
        .await;
    assert_eq!(running.host.state(), State::Initializing);
    assert_eq!(running.get("/api/toy").await.status, 200);
    assert_eq!(
        (running.host.state(), running.host.restarts()),
        (State::Initialized, 0)
    );
}

/// The handler ends with a code when asked to; what follows is told by the three numbers.
async fn ends(code: u8, restarts: u32, errors: usize, next: u16) {
    let running = App::proxying().start().await;
    running.reaches(State::Initialized).await;
    let answer = running.post(&format!("/api/toy/exit/{code}"), "body").await;
    assert_eq!((answer.status, answer.body.as_str()), (500, ""), "{code}");
    running.ready(1 + usize::try_from(restarts).unwrap()).await;
    assert_eq!(running.get("/api/toy").await.status, next, "{code}");
    assert_eq!(
        (running.host.restarts(), running.host.state()),
        (restarts, State::Initialized)
    );
    let crashes = running
        .messages("Worker.HttpWorkerProcess")
        .iter()
        .filter(|line| line.contains("exited with code"))
        .count();
    assert_eq!(crashes, errors, "{code}");
}

#[tokio::test]
async fn exit_codes() {
    tokio::join!(
        ends(0, 0, 0, 500),
        ends(200, 1, 0, 200),
        ends(1, 1, 1, 200),
        ends(143, 1, 1, 200),
    );
}

#[tokio::test]
async fn the_third_error_stops_the_host() {
    let running = App::proxying().start().await;
    for (starts, restarts) in [(2, 1), (3, 2)] {
        assert_eq!(running.post("/api/toy/exit/7", "body").await.status, 500);
        running.ready(starts).await;
        assert_eq!(running.get("/api/toy").await.status, 200);
        assert_eq!(running.host.restarts(), restarts);
    }
    running.post("/api/toy/exit/7", "body").await;
    running.reaches(State::Stopped).await;
    running
        .logged("Exceeded http worker restart retry count")
        .await;
    assert_eq!(
        (running.host.restarts(), running.host.handler_pid()),
        (2, None)
    );
    running.refuses_connections().await;
}

#[tokio::test]
async fn restarts_by_wish_are_not_counted() {
    let running = App::proxying().start().await;
    for (starts, restarts) in [(2, 1), (3, 2), (4, 3)] {
        assert_eq!(running.post("/api/toy/exit/200", "body").await.status, 500);
        running.ready(starts).await;
        assert_eq!(running.get("/api/toy").await.status, 200);
        assert_eq!(running.host.restarts(), restarts);
    }
}

#[tokio::test]
async fn a_crash_loop_at_start_stops_the_host() {
    let running = App::proxying().setting("TOY_START_EXIT", "5").start().await;
    running.reaches(State::Stopped).await;
    let line = running.logged("exited with code 5 (0x5)").await;
    assert!(line.message.ends_with("toy ends at its start"), "{line:?}");
    assert_eq!(running.host.restarts(), 2);
}

#[tokio::test]
async fn a_start_that_takes_too_long_is_an_error() {
    let running = App::proxying()
        .host_json(json!({ "customHandler": { "initializationTimeout": "00:00:00.3" } }))
        .setting("TOY_START_DELAY_MS", "60000")
        .start()
        .await;
    running.reaches(State::Stopped).await;
    running.logged("initializing HttpWorker timed out").await;
    assert_eq!(running.host.restarts(), 2);
}

/// Exit code 0 before readiness is only found out when the limit is over.
#[tokio::test]
async fn success_before_readiness_is_an_error_in_the_end() {
    let running = App::proxying()
        .host_json(json!({ "customHandler": { "initializationTimeout": "00:00:00.3" } }))
        .setting("TOY_START_EXIT", "0")
        .start()
        .await;
    running.reaches(State::Stopped).await;
    assert_eq!(running.host.restarts(), 2);
}

#[tokio::test]
async fn kill_minus_nine() {
    for app in [App::proxying(), App::forwarding()] {
        let running = app.start().await;
        let first = running.get("/api/toy").await.echo()["pid"].clone();
        let in_flight = running.post("/api/toy/hang", "body");
        let killer = async {
            running.logged("toy hangs").await;
            kill(&running);
        };
        let (answer, ()) = tokio::join!(in_flight, killer);
        assert_eq!((answer.status, answer.body.as_str()), (500, ""));
        running.logged("exited with code 137 (0x89)").await;
        running.ready(2).await;
        let second = running.get("/api/toy").await.echo()["pid"].clone();
        assert_ne!(first, second);
        assert_eq!(second, running.host.handler_pid().unwrap());
        assert_eq!(running.host.restarts(), 1);
    }
}

/// The reverse proxy sends a request without a body again; the rebuilt one is sent once.
#[tokio::test]
async fn only_proxying_replays_and_only_without_a_body() {
    let running = App::proxying().start().await;
    assert_eq!(
        running.get("/api/toy/exit/3").await.status,
        500,
        "it kills each one it reaches"
    );
    running.reaches(State::Stopped).await;
    running.logged("Retrying in 50ms. Attempt 1 of 10.").await;

    let running = App::forwarding().start().await;
    assert_eq!(running.get("/api/toy/exit/3").await.status, 500);
    running.ready(2).await;
    assert_eq!(running.get("/api/toy").await.status, 200);
    assert_eq!(running.host.restarts(), 1);
}

#[tokio::test]
async fn an_unreachable_handler_costs_ten_attempts() {
    let running = App::proxying().start().await;
    running.post("/api/toy/exit/0", "body").await;
    let before = running.host.log().lines().len();
    let answer = running.get("/api/toy").await;
    assert_eq!((answer.status, answer.body.as_str()), (500, ""));
    running
        .logged("Reached the maximum retry count for worker request proxying.")
        .await;
    running.logged("Executed 'Functions.toy' (Failed").await;
    let lines = running.host.log().lines();
    let tries = lines
        .iter()
        .skip(before)
        .filter_map(|line| Some(line.message.split_once("Retrying in ")?.1));
    let expected = [50, 100, 200, 250, 250, 250, 250, 250, 250]
        .iter()
        .zip(1..)
        .map(|(pause, attempt)| format!("{pause}ms. Attempt {attempt} of 10."));
    assert_eq!(tries.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}
