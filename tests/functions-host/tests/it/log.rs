//! Levels and categories of the handler's lines.

use functions_host::log::{CONSOLE, Level};
use serde_json::json;

use crate::harness::{App, Running};

async fn check(running: &Running, stream: &str, line: &str, level: Level) {
    running
        .get(&format!("/api/toy/{stream}/{}", line.replace(' ', "_")))
        .await;
    let logged = running.logged(line).await;
    let expected = (level, CONSOLE, line);
    assert_eq!(
        (
            logged.level,
            logged.category.as_str(),
            logged.message.as_str()
        ),
        expected
    );
}

#[tokio::test]
async fn levels() {
    let running = &App::proxying().start().await;
    check(running, "stdout", "a plain line", Level::Information).await;
    check(running, "stdout", "an error on stdout", Level::Information).await;
    check(running, "stderr", "forewarned", Level::Warning).await;
    check(running, "stderr", "WARN in capitals", Level::Warning).await;
    check(running, "stderr", "harmless", Level::Error).await;

    let description = json!({ "useStdErrorStreamForErrorsOnly": false });
    let lax = App::proxying().host_json(json!({ "customHandler": { "description": description } }));
    let running = &lax.start().await;
    check(running, "stderr", "harmless", Level::Information).await;
    check(running, "stderr", "a failure", Level::Error).await;
}

#[tokio::test]
async fn a_healthy_run_has_no_warning() {
    let running = App::proxying().start().await;
    assert_eq!(running.get("/api/toy").await.status, 200);
    running
        .logged("Worker process started and initialized.")
        .await;
    let lines = running.host.log().lines();
    assert!(
        lines.iter().all(|line| line.level == Level::Information),
        "{lines:?}"
    );
}
