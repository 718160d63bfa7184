//! How the handler is started: path, arguments, folder, environment.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use functions_host::{Auth, Host, Keys, State};
use serde_json::json;

use crate::harness::{App, Running, TOY, reserved};

async fn variable(running: &Running, name: &str) -> String {
    running.get(&format!("/api/toy/env/{name}")).await.body
}

#[tokio::test]
async fn handler_in_the_script_root() {
    let app = App::proxying();
    let description = json!({ "description": { "defaultExecutablePath": "bin/handler" } });
    let (folder, options) = app
        .host_json(json!({ "customHandler": description }))
        .staged();
    fs::create_dir(folder.path().join("bin")).unwrap();
    // A copy could still be open for writing in a process that another test forks (ETXTBSY).
    symlink(TOY, folder.path().join("bin/handler")).unwrap();
    let running = Running {
        host: Host::start(options).await.unwrap(),
        folder,
    };
    let echo = running.get("/api/toy").await.echo();
    assert_eq!(echo["directory"], running.folder.path().to_str().unwrap());
    assert_eq!(echo["pid"], running.host.handler_pid().unwrap());
}

#[tokio::test]
async fn arguments_are_joined_expanded_and_split() {
    let description = json!({
        "defaultExecutablePath": "%TOY_PATH%",
        "arguments": ["--port=%FUNCTIONS_CUSTOMHANDLER_PORT%", "two words", "%NOT_SET%x", "%NAME%"],
    });
    let running = App::proxying()
        .host_json(json!({ "customHandler": { "description": description } }))
        .setting("TOY_PATH", TOY)
        .setting("NAME", "a b")
        .start()
        .await;
    let port = variable(&running, "FUNCTIONS_CUSTOMHANDLER_PORT").await;
    let expected = json!([format!("--port={port}"), "two", "words", "x", "a", "b"]);
    assert_eq!(running.get("/api/toy").await.echo()["arguments"], expected);
}

#[tokio::test]
async fn arguments_as_one_variable() {
    let name = "AzureFunctionsJobHost__customHandler__description__arguments";
    let running = App::proxying()
        .setting(name, r#"["--a", "--b"]"#)
        .start()
        .await;
    assert_eq!(
        running.get("/api/toy").await.echo()["arguments"],
        json!(["--a", "--b"])
    );
}

#[tokio::test]
async fn working_directory() {
    let description = json!({ "description": { "workingDirectory": "work" } });
    let app = App::proxying().host_json(json!({ "customHandler": description }));
    let running = app.file("work/file", "").start().await;
    let expected = running.folder.path().join("work");
    assert_eq!(
        running.get("/api/toy").await.echo()["directory"],
        expected.to_str().unwrap()
    );
}

#[tokio::test]
async fn variables_of_the_host() {
    let running = App::proxying().setting("MINE", "1").start().await;
    let port = variable(&running, "FUNCTIONS_CUSTOMHANDLER_PORT").await;
    let id = variable(&running, "FUNCTIONS_CUSTOMHANDLER_WORKER_ID").await;
    assert!(port.parse::<u16>().is_ok() && id.len() == 36, "{port} {id}");
    assert_eq!(variable(&running, "FUNCTIONS_HTTPWORKER_PORT").await, port);
    assert_eq!(variable(&running, "FUNCTIONS_HTTPWORKER_ID").await, id);
    let root = running.folder.path().to_str().unwrap();
    assert_eq!(variable(&running, "FUNCTIONS_APP_ROOT_PATH").await, root);
    assert_eq!(
        variable(&running, "FUNCTIONS_WORKER_RUNTIME").await,
        "custom"
    );
    assert_eq!(variable(&running, "MINE").await, "1");
    assert!(!variable(&running, "PATH").await.is_empty());
}

/// Names that the handler has, and names that it has not.
async fn names(app: App, set: &[&str], not_set: &[&str]) {
    let running = app.start().await;
    let names = running.get("/api/toy/names").await.body;
    let has = |name: &&&str| names.lines().any(|line| line == **name);
    let missing: Vec<_> = set.iter().filter(|name| !has(name)).collect();
    let surplus: Vec<_> = not_set.iter().filter(has).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "{missing:?} {surplus:?}"
    );
}

#[tokio::test]
async fn names_of_the_environment() {
    let of_handler = [
        "FUNCTIONS_APP_ROOT_PATH",
        "FUNCTIONS_CUSTOMHANDLER_PORT",
        "FUNCTIONS_CUSTOMHANDLER_WORKER_ID",
        "FUNCTIONS_HTTPWORKER_ID",
        "FUNCTIONS_HTTPWORKER_PORT",
        "FUNCTIONS_WORKER_RUNTIME",
        "PATH",
    ];
    let of_laptop = [
        "ASPNETCORE_SUPPRESSSTATUSMESSAGES",
        "AZURE_FUNCTIONS_ENVIRONMENT",
        "AzureFunctionsJobHost__SequentialRestart",
        "AzureFunctionsJobHost__logging__logLevel__Function",
        "AzureWebJobsScriptRoot",
        "FUNCTIONS_CORETOOLS_ENVIRONMENT",
        "Logging__LogLevel__Microsoft.Hosting.Lifetime",
        "PYTHON_ENABLE_DEBUG_LOGGING",
        "WEBSITE_HOSTNAME",
    ];
    let empty = ["EMPTY", "EMPTY_IN_FILE", "LANG_OF_HOST"];
    let app = || {
        let values = r#"{ "Values": { "EMPTY_IN_FILE": "", "IN_FILE": "1" } /* said */ }"#;
        let app = App::proxying().file("local.settings.json", values);
        app.setting("EMPTY", "").setting("LANG_OF_HOST", "")
    };
    names(
        app(),
        &[&of_handler[..], &of_laptop, &["IN_FILE"]].concat(),
        &empty,
    )
    .await;
    let azure = app().option(|options| options.auth = Auth::On(Keys::default()));
    names(
        azure,
        &of_handler,
        &[&of_laptop[..], &empty, &["IN_FILE"]].concat(),
    )
    .await;
    // An empty setting hides what the host has.
    names(App::proxying().setting("HOME", ""), &of_handler, &["HOME"]).await;
}

#[tokio::test]
async fn fixed_port() {
    let reserved = reserved();
    let free = reserved.local_addr().unwrap().port();
    let app = App::proxying().host_json(json!({ "customHandler": { "port": free } }));
    let running = app.start().await;
    let port = variable(&running, "FUNCTIONS_CUSTOMHANDLER_PORT").await;
    assert_eq!(port, free.to_string());
}

#[tokio::test]
async fn local_settings_fill_what_is_not_set() {
    let values = json!({ "Values": { "MINE": "file", "PATH": "file", "ONLY_HERE": "file" } });
    let app = || {
        let app = App::proxying().setting("MINE", "option");
        app.file("local.settings.json", &values.to_string())
    };
    let running = app().start().await;
    assert_eq!(variable(&running, "MINE").await, "option");
    assert_eq!(variable(&running, "ONLY_HERE").await, "file");
    assert_ne!(variable(&running, "PATH").await, "file");
    assert_eq!(
        variable(&running, "AZURE_FUNCTIONS_ENVIRONMENT").await,
        "Development"
    );
    assert_eq!(
        variable(&running, "FUNCTIONS_CORETOOLS_ENVIRONMENT").await,
        "true"
    );
    let hostname = format!("localhost:{}", running.host.port());
    assert_eq!(variable(&running, "WEBSITE_HOSTNAME").await, hostname);

    let azure = app()
        .option(|options| options.auth = Auth::On(Keys::default()))
        .start()
        .await;
    assert_eq!(variable(&azure, "ONLY_HERE").await, "");
    assert_eq!(
        variable(&azure, "FUNCTIONS_CORETOOLS_ENVIRONMENT").await,
        ""
    );
}

/// The host says so, restarts nothing, holds calls for four times the limit, and stops.
async fn cannot_start(app: App) {
    let app = app.host_json(json!({ "customHandler": { "initializationTimeout": "00:00:01" } }));
    let running = app.start().await;
    running.logged("Failed to start Worker Channel").await;
    assert_eq!(running.host.state(), State::Initializing);
    assert_eq!(running.get("/api/toy").await.status, 500);
    running.reaches(State::Stopped).await;
    running
        .logged("Initialization timed out and host is shutting down")
        .await;
    assert_eq!(running.host.restarts(), 0);
    running.refuses_connections().await;
}

/// A call that ends with functionTimeout has one more start tried, and the host stays.
#[tokio::test]
async fn a_missing_handler_is_tried_again() {
    let description = json!({ "description": { "defaultExecutablePath": "not-there" } });
    let running = App::proxying()
        .host_json(json!({ "customHandler": description, "functionTimeout": "00:00:01" }))
        .start()
        .await;
    assert_eq!(running.get("/api/toy").await.status, 500);
    let failures = || running.messages("Worker.HttpWorkerProcess").len();
    let again = async {
        while failures() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    assert!(
        tokio::time::timeout(crate::harness::SOON, again)
            .await
            .is_ok()
    );
    assert_ne!(running.host.state(), State::Stopped);
}

#[tokio::test]
async fn missing_handler() {
    let description = json!({ "description": { "defaultExecutablePath": "not-there" } });
    cannot_start(App::proxying().host_json(json!({ "customHandler": description }))).await;
}

#[tokio::test]
async fn handler_without_the_executable_bit() {
    let description = json!({ "description": { "defaultExecutablePath": "handler" } });
    let app = App::proxying().host_json(json!({ "customHandler": description }));
    let app = app.file("handler", "#!/bin/sh\n");
    let mode = fs::metadata(app.options.script_root.join("handler"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, 0);
    cannot_start(app).await;
}
