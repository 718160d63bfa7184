//! The routes: where they are, and what the ones for people say.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::webhook::{Webhook, good_request};

/// Which spellings there are is tested beside the endpoints; here, that each leads to its own route.
#[tokio::test]
async fn every_spelling_of_a_path_leads_to_its_route() {
    let webhook = Webhook::started().await;
    let spellings = [
        ["/allocate", "/explain", "/policy", "/health"],
        [
            "/api/allocate",
            "/api/explain",
            "/api/policy",
            "/api/health",
        ],
        [
            "/api/Allocate",
            "/API/EXPLAIN",
            "/Api/Policy/",
            "/api//health",
        ],
        ["/%61llocate/", "//explain", "/api/p%4Flicy", "/HEALTH//"],
    ];
    for [allocate, explain, policy, health] in spellings {
        for (path, member) in [(allocate, "iotHubHostName"), (explain, "steps")] {
            let path = format!("{path}?code=key&policySet=x");
            let answer = webhook.post(&path, good_request().to_string()).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            assert!(!answer.json()[member].is_null(), "{path}: {}", answer.text);
        }
        for (path, member) in [(policy, "source"), (health, "ageSeconds")] {
            let path = format!("{path}?code=key");
            let answer = webhook.get(&path).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            assert!(!answer.json()[member].is_null(), "{path}: {}", answer.text);
            assert_eq!(answer.header("content-type"), "application/json");
            assert!(answer.text.ends_with("}\n"), "{path}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn the_root_answers_the_hosts_probe_at_once() {
    let webhook = Webhook::new();
    let answer = webhook.get("/").await;
    assert_eq!((answer.status, &*answer.text), (200, ""));
    assert_eq!(webhook.get("/?x=1").await.status, 200);
}

#[tokio::test]
async fn other_paths_and_methods_are_problems_too() {
    let webhook = Webhook::started().await;
    for path in [
        "/api",
        "/api/",
        "/allocate/x",
        "/api/api/allocate",
        "/Allocated",
        "/%ff",
    ] {
        webhook.get(path).await.assert_problem(404, "noSuchRoute");
        webhook
            .post(path, "x")
            .await
            .assert_problem(404, "noSuchRoute");
    }
    for path in ["/api/allocate", "/explain"] {
        let answer = webhook.get(path).await;
        answer.assert_problem(405, "methodNotAllowed");
        assert_eq!(answer.header("allow"), "POST");
    }
    for path in ["/policy", "/api/health", "/"] {
        let answer = webhook.call(Method::DELETE, path, Body::empty()).await;
        answer.assert_problem(405, "methodNotAllowed");
        assert_eq!(answer.header("allow"), "GET,HEAD");
    }
}

#[tokio::test]
async fn headers_of_hosts_and_proxies_make_no_difference() {
    let webhook = Webhook::started().await;
    for host in ["127.0.0.1:7071", "contoso.azurewebsites.net", "x"] {
        let request = Request::post("/api/allocate")
            .header("Host", host)
            .header("Content-Type", "text/plain")
            .header("X-Forwarded-Host", "contoso.azurewebsites.net")
            .header("X-Azure-Functions-InvocationId", "not a GUID")
            .header("traceparent", "00-x-y-z")
            .body(Body::from(good_request().to_string()))
            .unwrap();
        assert_eq!(webhook.send(request).await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn health_says_whether_requests_are_decided() {
    let mut webhook = Webhook::new();
    let none = webhook.get("/api/health").await;
    assert_eq!(none.status, 503);
    let expected = json!({"status": "noPolicy", "revision": null, "ageSeconds": null});
    assert_eq!(none.json(), expected);

    webhook.refresh.poll().await;
    let revision = webhook.get("/api/policy").await.json()["revision"].clone();
    let ok = webhook.get("/api/health").await;
    assert_eq!(ok.status, 200);
    assert_eq!(
        ok.json(),
        json!({"status": "ok", "revision": revision, "ageSeconds": 0})
    );

    webhook.write("hubs.csv", "PartitionKey,RowKey,wieght\n");
    webhook.refresh.poll().await;
    webhook.refresh.poll().await;
    let stale = webhook.get("/api/health").await;
    assert_eq!(
        (stale.status, &stale.json()["status"]),
        (200, &json!("stale"))
    );
    assert!(
        !stale.text.contains("acme"),
        "nothing about tenants: {}",
        stale.text
    );
}

#[tokio::test]
async fn policy_says_what_decides() {
    let mut webhook = Webhook::new();
    let none = webhook.get("/api/policy").await;
    assert_eq!(none.status, 200);
    assert_eq!(
        (&none.json()["revision"], &none.json()["stale"]),
        (&Value::Null, &json!(true))
    );

    webhook.refresh.poll().await;
    let policy = webhook.get("/api/policy").await.json();
    let allocated = webhook.allocate(&good_request()).await;
    assert_eq!(policy["revision"], allocated.header("dps-policy-revision"));
    assert_eq!(policy["stale"], json!(false));
    let folder = webhook.folder.path().display();
    assert_eq!(policy["source"], format!("CSV folder `{folder}`"));
    assert_eq!(policy["lastRefused"], Value::Null);
    assert_eq!(policy["unreadable"], Value::Null);
    let rows = json!({
        "hubs": 3, "enrollments": 6, "tenants": 3, "rules": 1,
        "rollouts": 0, "latency": 0, "twins": 1, "devices": 1,
    });
    assert_eq!(policy["tables"], rows);
    let since = policy["since"].as_str().unwrap();
    since.parse::<jiff::Timestamp>().unwrap();
    assert!(since.ends_with('Z'), "{since}");
}
