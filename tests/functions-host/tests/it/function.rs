//! What function.json must say, and which functions are refused or left out.

use functions_host::State;
use functions_host::log::Level;
use serde_json::{Value, json};

use crate::harness::App;
use crate::start::refuses;

#[tokio::test]
async fn other_triggers_are_refused() {
    let timer = json!({ "type": "timerTrigger", "direction": "in", "name": "t" });
    let text = json!({ "bindings": [timer] }).to_string();
    let app = App::empty().file("tick/function.json", &text);
    refuses(app, "function `tick` has the trigger `timerTrigger`").await;
}

#[tokio::test]
async fn routes_the_router_refuses() {
    let route = |route: &str| App::empty().function("a", json!({ "route": route }));
    refuses(route("/a"), "route of function `a`").await;
    refuses(route("{id:int}"), "which this host does not know").await;
}

/// A function in error is logged and left out; the other one is served.
async fn in_error(name: &str, function_json: &str, expected: &str) {
    let app = App::proxying().file(&format!("{name}/function.json"), function_json);
    let running = app.start().await;
    let line = running.logged("is in error").await;
    let start = format!("The '{name}' function is in error: ");
    assert_eq!(
        (line.level, line.category.as_str()),
        (Level::Error, "Host.Startup")
    );
    assert!(
        line.message.starts_with(&start) && line.message.contains(expected),
        "{line:?}"
    );
    assert_eq!(running.host.endpoints().len(), 1);
}

/// The same for an otherwise good function with this trigger.
async fn trigger_in_error(trigger: Value, expected: &str) {
    let mut input = json!({ "type": "httpTrigger", "direction": "in", "name": "req" });
    input
        .as_object_mut()
        .unwrap()
        .extend(trigger.as_object().unwrap().clone());
    let output = json!({ "type": "http", "direction": "out", "name": "res" });
    let text = json!({ "bindings": [input, output] }).to_string();
    in_error("zulu", &text, expected).await;
}

#[tokio::test]
async fn functions_in_error() {
    let two = r#"{ "bindings": [{ "type": "httpTrigger", "name": "a" },
        { "type": "timerTrigger", "name": "b" }] }"#;
    in_error("zulu", "{", "is not valid").await;
    in_error("zulu", "{}", "at least one binding").await;
    in_error("zulu", r#"{ "bindings": [] }"#, "at least one binding").await;
    in_error(
        "zulu",
        r#"{ "bindings": [{ "name": "a" }] }"#,
        "must specify a type",
    )
    .await;
    in_error(
        "zulu",
        r#"{ "bindings": [{ "name": "a", "type": "http" }] }"#,
        "no trigger",
    )
    .await;
    in_error("zulu", two, "multiple trigger bindings").await;
    in_error(
        "zulu",
        r#"{ "bindings": [{}], "scriptFile": "run.sh" }"#,
        "does not exist",
    )
    .await;
    in_error("1st", "{}", "not a valid function name").await;
    in_error("ho.st", "{}", "not a valid function name").await;
    in_error("host", "{}", "not a valid function name").await;
    in_error(&"a".repeat(129), "{}", "not a valid function name").await;
    trigger_in_error(
        json!({ "name": "res" }),
        "multiple bindings with name `res`",
    )
    .await;
    trigger_in_error(
        json!({ "name": "r-e" }),
        "the binding name `r-e` is invalid",
    )
    .await;
    trigger_in_error(json!({ "name": "$return" }), "a direction of `out`").await;
    trigger_in_error(
        json!({ "direction": "up" }),
        "not a valid binding direction",
    )
    .await;
    trigger_in_error(json!({ "authLevel": "user" }), "`authLevel` is `user`").await;
    trigger_in_error(json!({ "methods": "get" }), "is not valid").await;
    trigger_in_error(
        json!({ "route": "admin/x" }),
        "conflicts with the built in routes",
    )
    .await;
    trigger_in_error(
        json!({ "route": "Runtime" }),
        "conflicts with the built in routes",
    )
    .await;
    trigger_in_error(
        json!({ "route": "Toy/{*rest}" }),
        "the route of function `toy`",
    )
    .await;
}

#[tokio::test]
async fn empty_route_in_host_json_is_in_error() {
    let routes = json!({ "http": { "routes": [{ "route": " " }, { "route": "b" }] } });
    let running = App::empty()
        .host_json(json!({ "customHandler": routes }))
        .start()
        .await;
    let line = running.logged("is in error").await;
    assert!(line.message.contains("'http-handler1'"), "{line:?}");
    assert_eq!(running.host.endpoints()[0].name, "http-handler2");
}

#[tokio::test]
async fn without_functions_there_is_no_handler() {
    let running = App::empty().start().await;
    assert_eq!(running.host.state(), State::Default);
    assert_eq!(running.host.handler_pid(), None);
    assert_eq!(running.get("/api/toy").await.status, 404);
}

#[tokio::test]
async fn only_direct_child_folders_count() {
    let running = App::empty()
        .file("functions/deep/function.json", "{}")
        .file("notes/README.md", "no function")
        .function(
            "Good_name-1",
            json!({ "name": "$return", "direction": null }),
        )
        .file("Good_name-1/extra.txt", "other files do no harm")
        .start()
        .await;
    assert!(
        running.host.endpoints().is_empty(),
        "$return needs a direction of out"
    );
    let running = App::empty()
        .function("Good_name-1", json!({}))
        .start()
        .await;
    assert_eq!(running.host.endpoints()[0].path, "/api/Good_name-1");
}
