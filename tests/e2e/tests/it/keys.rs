//! Under a host that checks keys, as Azure does.

use e2e::{Runtime, ScriptRoot, fixture, keys_of};
use functions_host::{Auth, Stop};
use reqwest::Method;

const ALLOCATE_KEY: &str = "allocate-key-0123456789";
const EXPLAIN_KEY: &str = "explain-key-0123456789";

fn keys() -> Auth {
    keys_of(&[("allocate", ALLOCATE_KEY), ("explain", EXPLAIN_KEY)])
}

#[tokio::test]
async fn each_function_has_its_own_key_and_health_needs_none() {
    let root = ScriptRoot::new();
    let request = fixture("group-x509").to_string();
    let post = |function| (Method::POST, function, request.clone());
    let get = |function| (Method::GET, function, String::new());
    let cases = [
        (None, post("allocate"), 401),
        (Some("wrong-key"), post("allocate"), 401),
        (Some(EXPLAIN_KEY), post("allocate"), 401),
        (Some(ALLOCATE_KEY), post("allocate"), 200),
        (Some(ALLOCATE_KEY), post("explain"), 401),
        (Some(EXPLAIN_KEY), post("explain"), 200),
        (Some(ALLOCATE_KEY), get("policy"), 401),
        (None, get("health"), 200),
        (Some(ALLOCATE_KEY), get("allocate"), 404),
    ];
    let mut app = Runtime::stand_in(&root, keys(), &[]).await;
    app.until("a policy", || async {
        app.get("health").await.status == 200
    })
    .await;
    for (key, (method, function, body), status) in cases {
        app = app.with_key(key.unwrap_or_default());
        let answer = app.call(method, function, body).await;
        assert_eq!(answer.status, status, "{function} with {key:?}");
    }

    // A function key is in every URL that DPS calls; dropping the app finds it where a log has it.
    app.stop(Stop::Host).await;
}
