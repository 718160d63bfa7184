//! What host.json, function.json and local.settings.json must say.

use functions_host::{Auth, Keys};
use serde_json::{Value, json};

use crate::harness::{App, TOY};

pub(crate) async fn refuses(app: App, expected: &str) {
    let error = app.refused().await;
    assert!(error.contains(expected), "{error}");
}

/// host.json as text.
async fn host_json(text: &str, expected: &str) {
    refuses(App::proxying().file("host.json", text), expected).await;
}

/// A patch to a good host.json.
async fn patch(patch: Value, expected: &str) {
    refuses(App::proxying().host_json(patch), expected).await;
}

/// Something in `customHandler`.
async fn handler(section: Value, expected: &str) {
    patch(json!({ "customHandler": section }), expected).await;
}

#[tokio::test]
async fn bad_host_json() {
    host_json("", "is not valid").await;
    host_json("{ \"version\": \"2.0\"", "is not valid").await;
    host_json("{}", "has version `null`").await;
    host_json(r#"{ "version": "3.0" }"#, "has version `\"3.0\"`").await;
    host_json(r#"{ "version": 2.0 }"#, "has version `2.0`").await;
    host_json(r#"{ "version": "2.0" }"#, "names no handler").await;
    handler(
        json!({ "description": { "defaultExecutablePath": "" } }),
        "names no handler",
    )
    .await;
    handler(
        json!({ "enableProxyingHttpRequest": "yes" }),
        "it must be true or false",
    )
    .await;
    handler(
        json!({ "enableForwardingHttpRequest": 1 }),
        "it must be true or false",
    )
    .await;
    handler(
        json!({ "initializationTimeout": "30s" }),
        "it must be a time span",
    )
    .await;
    handler(json!({ "port": 0 }), "`customHandler.port` is `0`").await;
    handler(json!({ "port": "web" }), "`customHandler.port` is `web`").await;
    patch(
        json!({ "functionTimeout": "soon" }),
        "`functionTimeout` is `soon`",
    )
    .await;
    patch(
        json!({ "functionTimeout": "00:00:00.5" }),
        "at least a second",
    )
    .await;
    patch(
        json!({ "configurationProfile": "fast" }),
        "`configurationProfile` is `fast`",
    )
    .await;
}

#[tokio::test]
async fn comments_are_accepted() {
    let comment = "// a comment with a \" in it\n/* and\n another */";
    let app = App::proxying();
    let (folder, options) = app.staged();
    for file in ["host.json", "toy/function.json"] {
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replacen('{', &format!("{{{comment}"), 1);
        std::fs::write(&path, format!("\u{feff}{comment}{text}{comment}")).unwrap();
    }
    let host = functions_host::Host::start(options).await.unwrap();
    assert_eq!(host.endpoints()[0].path, "/api/toy/{*rest}");
}

#[tokio::test]
async fn missing_host_json() {
    let (folder, options) = App::proxying().staged();
    std::fs::remove_file(folder.path().join("host.json")).unwrap();
    let error = functions_host::Host::start(options)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("host.json` cannot be read"), "{error}");
}

#[tokio::test]
async fn fixed_port_that_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    handler(json!({ "port": port }), "it must be a free port").await;
    refuses(
        App::proxying().option(|options| options.port = port),
        "cannot be listened on",
    )
    .await;
}

#[tokio::test]
async fn bad_routes() {
    let routes = |routes: Value| App::empty().host_json(json!({ "customHandler": routes }));
    let one = json!({ "http": { "routes": [{ "route": "a" }] } });
    let node = routes(one.clone()).setting("FUNCTIONS_WORKER_RUNTIME", "node");
    refuses(
        node,
        "FUNCTIONS_WORKER_RUNTIME` is `node`, it must be custom",
    )
    .await;
    let both = routes(one).function("b", json!({}));
    refuses(
        both,
        "both function.json files and `customHandler.http.routes`",
    )
    .await;
    let level = json!({ "http": { "defaultAuthorizationLevel": "user" } });
    refuses(routes(level), "it must be anonymous, function or admin").await;
    let level = json!({ "http": { "routes": [{ "route": "a", "authorizationLevel": "x" }] } });
    refuses(routes(level), "it must be anonymous, function or admin").await;
}

#[tokio::test]
async fn a_folder_that_is_missing_is_blamed_before_what_would_be_in_it() {
    let missing = App::proxying().option(|options| {
        options.settings.clear();
        options.script_root.push("missing");
    });
    refuses(
        missing,
        "missing` is not a usable script root: No such file",
    )
    .await;
    let file = App::proxying().option(|options| {
        options.settings.clear();
        options.script_root.push("host.json");
    });
    refuses(
        file,
        "host.json` is not a usable script root: Not a directory",
    )
    .await;
}

#[tokio::test]
async fn laptops_need_a_worker_runtime() {
    let bare = || App::proxying().option(|options| options.settings.clear());
    let values = |values: &str| format!("{{ \"Values\": {values} }}");
    refuses(bare(), "FUNCTIONS_WORKER_RUNTIME is not set").await;
    let custom = values(r#"{ "FUNCTIONS_WORKER_RUNTIME": "custom" }"#);
    bare().file("local.settings.json", &custom).start().await;
    bare().file("local.settings.json", "{").refused().await;
    let settings = |text: &str| bare().file("local.settings.json", text);
    refuses(settings(&values("{ \"a\": 1 }")), "an object of strings").await;
    refuses(settings(r#"{ "IsEncrypted": true }"#), "is encrypted").await;
    // In Azure the platform sets it.
    bare()
        .option(|options| options.auth = Auth::On(Keys::default()))
        .start()
        .await;
}

#[tokio::test]
async fn body_limit_is_a_number() {
    let app = App::proxying().setting("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "100 MB");
    refuses(app, "it must be a number of bytes").await;
}

#[tokio::test]
async fn environment_overrides_host_json() {
    let name = "AzureFunctionsJobHost__customHandler__description__defaultExecutablePath";
    let running = App::proxying()
        .host_json(
            json!({ "customHandler": { "description": { "defaultExecutablePath": "gone" } } }),
        )
        .setting(name, TOY)
        .setting(
            "AzureFunctionsJobHost__extensions__http__routePrefix",
            "dps",
        )
        .start()
        .await;
    assert_eq!(running.get("/dps/toy").await.status, 200);
}

#[tokio::test]
async fn profiles_set_what_host_json_leaves_out() {
    let app = |route: Value| {
        App::empty().host_json(json!({
            "configurationProfile": "Web-App-Custom-Handler",
            "customHandler": {
                "enableProxyingHttpRequest": null,
                "http": { "defaultAuthorizationLevel": "anonymous", "routes": route },
            },
        }))
    };
    let running = app(json!([])).start().await;
    assert_eq!(running.host.endpoints()[0].path, "/{*route}");
    assert_eq!(running.get("/any/where").await.status, 200);
    let running = app(json!([{ "route": "mine" }])).start().await;
    assert_eq!(running.host.endpoints()[0].path, "/mine");
}
