use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use dps_policy_store::{CsvFolder, PolicyStore};
use dps_telemetry::Telemetry;
use percent_encoding::percent_encode_byte;

use super::*;
use crate::body::BodyMemory;
use crate::decision_log::DecisionLog;
use crate::devices::DeviceLookup;
use crate::front::Front;
use crate::lambda::for_endpoints;
use crate::logged::LoggedIds;
use crate::policy::PolicyInUse;

/// Name, method and status of each route if there is no policy.
const ROUTES: [(&str, &str, StatusCode); 4] = [
    ("allocate", "POST", StatusCode::SERVICE_UNAVAILABLE),
    ("explain", "POST", StatusCode::SERVICE_UNAVAILABLE),
    ("policy", "GET", StatusCode::OK),
    ("health", "GET", StatusCode::SERVICE_UNAVAILABLE),
];

/// A way to write the path of a route, and whether a server and the function of Lambda serve it.
const PATHS: &[(&str, bool, bool)] = &[
    ("/api/{}", true, true),
    ("/{}", true, true),
    ("/API/{}", true, true),
    ("/Api/{}", true, true),
    ("/%61pi/{}", true, true),
    ("/api/{}/", true, true),
    ("/api/{}//", true, true),
    ("//api/{}", true, true),
    ("/api//{}", true, true),
    ("//{}", true, true),
    ("/{}/", true, true),
    ("/api/{}?code=key&policySet=x", true, true),
    ("/api/{}/?next=/api/other", true, true),
    // Stages and prefixes.
    ("/prod/api/{}", false, true),
    ("/Prod/Api/{}/", false, true),
    ("/prod/{}", false, true),
    ("/v1/dps/api/{}", false, true),
    ("/v1/dps/{}?x=/api", false, true),
    ("/api/api/{}", false, true),
    ("/prod//api//{}", false, true),
    // Something else.
    ("/api/{}x", false, false),
    ("/api/x{}", false, false),
    ("/api/{}/x", false, false),
    ("/api/{}.json", false, false),
    ("/api/{}%20", false, false),
    ("/api/{}%2F", false, false),
    ("/api%2F{}", false, false),
    ("/api/%ff", false, false),
    ("/api/x?{}", false, false),
    ("/prod/api", false, false),
    ("/api", false, false),
];

fn spellings(name: &str) -> [String; 5] {
    let (first, rest) = name.split_at(1);
    let encoded = name.bytes().map(percent_encode_byte).collect();
    [
        name.to_owned(),
        name.to_uppercase(),
        first.to_uppercase() + rest,
        format!("%{:02X}{rest}", name.as_bytes()[0]),
        encoded,
    ]
}

fn webhook() -> Endpoints {
    let store = PolicyStore::Csv(CsvFolder::new("/nonexistent"));
    let policy = Arc::new(PolicyInUse::new(store.to_string(), Duration::from_secs(15)));
    policy.end_first_poll();
    let app = App {
        shadow: None,
        policy,
        polls: None,
        devices: DeviceLookup::new(store),
        telemetry: Telemetry::default(),
        bodies: BodyMemory::default(),
        deadline: Duration::from_secs(2),
        log: DecisionLog::off(),
        ids: LoggedIds::default(),
        front: Front::FunctionsHost,
        lines: None,
    };
    Endpoints::new(app, None)
}

/// The status on a server and on Lambda.
async fn statuses(webhook: &Endpoints, method: &str, path: &str) -> [StatusCode; 2] {
    let request = || axum::http::Request::builder().method(method).uri(path);
    let on_server = request().body(Body::empty()).unwrap();
    let on_lambda = for_endpoints(request().body(lambda_http::Body::Empty).unwrap());
    let on_server = webhook.clone().answer(on_server).await;
    let on_lambda = webhook.clone().answer(on_lambda).await;
    [on_server.status(), on_lambda.status()]
}

#[tokio::test]
async fn a_route_is_found_in_every_spelling() {
    let webhook = webhook();
    for (path, on_server, on_lambda) in PATHS {
        for (name, method, status) in ROUTES {
            let other = if method == "GET" { "POST" } else { "GET" };
            let expected = |served: bool, status| {
                if served {
                    status
                } else {
                    StatusCode::NOT_FOUND
                }
            };
            for spelled in spellings(name) {
                let path = path.replace("{}", &spelled);
                let served = |status| [*on_server, *on_lambda].map(|it| expected(it, status));
                let right = statuses(&webhook, method, &path).await;
                assert_eq!(right, served(status), "{method} {path}");
                let wrong = statuses(&webhook, other, &path).await;
                let not_allowed = StatusCode::METHOD_NOT_ALLOWED;
                assert_eq!(wrong, served(not_allowed), "{other} {path}");
            }
        }
    }
}

#[tokio::test]
async fn the_root_is_the_probe() {
    let webhook = webhook();
    for path in ["/", "//", "/?x=1"] {
        let statuses = statuses(&webhook, "GET", path).await;
        assert_eq!(statuses, [StatusCode::OK; 2], "{path}");
    }
}
