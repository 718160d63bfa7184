//! Callers and their keys, where no Functions host asks for them.

use axum::body::{Body, Bytes};
use axum::http::Request;
use dps_webhook::{Endpoints, Key, Keys, Lines};
use http_body_util::Channel;

use jiff::Timestamp;
use tokio::time::{Duration, sleep};

use crate::webhook::{Answer, Webhook, Written, app, good_request};

/// Of DPS, while it is being exchanged.
const OLD: &str = "old0_0123456789abcdef-0123456789ABCDEF";
const NEW: &str = "new0_0123456789abcdef-0123456789ABCDEF";
const OPERATOR: &str = "operator_0123456789abcdef-0123456789";

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

/// The webhook of the tests behind keys.
async fn guarded(operator: &[&str]) -> Endpoints {
    guarded_with(operator, &Lines::to(Vec::new())).await
}

async fn guarded_with(operator: &[&str], lines: &Lines) -> Endpoints {
    let webhook = Webhook::new();
    let store = dps_policy_store::CsvFolder::new(webhook.folder.path());
    let (app, mut refresh) = app(&dps_policy_store::PolicyStore::Csv(store), lines);
    refresh.poll().await;
    let keys = Keys {
        allocate: vec![key(OLD), key(NEW)],
        operator: operator.iter().map(|text| key(text)).collect(),
    };
    Endpoints::new(app, Some(keys))
}

async fn call(endpoints: &Endpoints, path: &str, header: Option<&str>) -> Answer {
    let path = format!("/api/{path}");
    let route = path.split('?').next().unwrap_or_default();
    let request = match route {
        "/api/allocate" | "/api/explain" => Request::post(&path),
        _ => Request::get(&path),
    };
    let request = match header {
        Some(key) => request.header("x-functions-key", key),
        None => request,
    };
    let body = Body::from(good_request().to_string());
    Answer::of(endpoints, request.body(body).unwrap()).await
}

/// What somebody without a key is answered.
pub(crate) async fn rejected_caller() -> Answer {
    call(&guarded(&[]).await, "allocate", None).await
}

#[track_caller]
fn assert_opened(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn each_key_opens_its_routes_in_the_query_and_in_the_header() {
    let endpoints = guarded(&[OPERATOR]).await;
    for (route, key) in [
        ("allocate", OLD),
        ("allocate", NEW),
        ("explain", OPERATOR),
        ("policy", OPERATOR),
    ] {
        assert_opened(&call(&endpoints, route, Some(key)).await);
        assert_opened(&call(&endpoints, &format!("{route}?code={key}"), None).await);
        assert_opened(&call(&endpoints, &format!("{route}?a=b&code={key}&code=x"), None).await);
        let escaped = key.replace('-', "%2D").replace('_', "%5f");
        assert_opened(&call(&endpoints, &format!("{route}?code={escaped}"), None).await);
    }
}

#[tokio::test]
async fn every_other_caller_gets_nothing() {
    let endpoints = guarded(&[OPERATOR]).await;
    let short = OLD.get(..OLD.len() - 1).unwrap();
    let (longer, spoilt, lower) = (
        format!("{OLD}x"),
        OLD.replacen('o', "p", 1),
        OLD.to_lowercase(),
    );
    for (route, header) in [
        ("allocate", None),
        ("allocate", Some("")),
        ("allocate", Some(OPERATOR)),
        ("allocate", Some(short)),
        ("allocate", Some(longer.as_str())),
        ("allocate", Some(spoilt.as_str())),
        ("allocate", Some(lower.as_str())),
        ("explain", None),
        ("explain", Some(OLD)),
        ("policy", None),
        ("policy", Some(NEW)),
    ] {
        let answer = call(&endpoints, route, header).await;
        answer.assert_problem(401, "unauthorized");
        for secret in ["azure-devices.net", "revision", "acme", "Pump-1"] {
            assert!(!answer.text.contains(secret), "{secret}: {}", answer.text);
        }
        assert_eq!(answer.header("dps-policy-revision"), "");
    }
    for query in [
        format!("code={short}"),
        format!("Code={OLD}"),
        format!("key={OLD}"),
        OLD.to_owned(),
    ] {
        let path = format!("allocate?{query}");
        call(&endpoints, &path, None)
            .await
            .assert_problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn without_keys_of_operators_their_routes_are_closed() {
    let endpoints = guarded(&[]).await;
    for header in [None, Some(""), Some(OLD), Some(OPERATOR)] {
        call(&endpoints, "explain", header)
            .await
            .assert_problem(401, "unauthorized");
        call(&endpoints, "policy", header)
            .await
            .assert_problem(401, "unauthorized");
    }
    assert_opened(&call(&endpoints, "allocate", Some(OLD)).await);
}

#[tokio::test]
async fn health_is_for_everybody() {
    let endpoints = guarded(&[OPERATOR]).await;
    assert_opened(&call(&endpoints, "health", None).await);
}

/// The body of this request never comes.
#[tokio::test]
async fn a_caller_without_a_key_is_answered_before_the_body_is_read() {
    let endpoints = guarded(&[OPERATOR]).await;
    let (_sender, body) = Channel::<Bytes, std::io::Error>::new(1);
    let request = Request::post("/api/allocate")
        .body(Body::new(body))
        .unwrap();
    Answer::of(&endpoints, request)
        .await
        .assert_problem(401, "unauthorized");
}

#[test]
fn a_key_is_long_and_stands_in_a_url_as_it_is() {
    let shortest = "0123456789abcdef0123456789ABCD-_";
    assert!(Key::parse(shortest).is_ok());
    for text in [
        "",
        "0123456789abcdef0123456789ABCD-",
        "0123456789abcdef0123456789abcdef/",
        "0123456789abcdef 0123456789abcdef",
        "0123456789abcdef0123456789abcdéf",
    ] {
        let rule = Key::parse(text).unwrap_err();
        assert!(rule.contains("at least 32"), "{rule}");
        assert!(text.is_empty() || !rule.contains(text), "{rule}");
    }
    for text in ["a".repeat(64), "Ab".repeat(32), "1234512345-_".repeat(3)] {
        let rule = Key::parse(&text).unwrap_err();
        assert!(rule.contains("at least 8 different"), "{rule}");
        assert!(!rule.contains(&text), "{rule}");
    }
    assert!(Key::parse("01234567012345670123456701234567").is_ok());
    assert_eq!(format!("{:?}", key(OLD)), "Key(..)");
}

/// What is written about callers that were refused, and the decisions beside it.
struct RejectedLog {
    written: Written,
    lines: Lines,
}

impl RejectedLog {
    fn new() -> Self {
        let written = Written::default();
        let lines = Lines::to(written.clone());
        Self { written, lines }
    }

    /// How many callers each line tells of: in all, and of `allocate`.
    #[track_caller]
    fn check(&self, expected: &[(u64, u64)]) {
        let lines = self.written.after(&self.lines);
        let lines = lines.iter().filter(|line| line["log"] == "unauthorized");
        let reported: Vec<_> = lines
            .map(|line| {
                let time = |member: &str| line[member].as_str().unwrap().parse::<Timestamp>();
                assert!(time("since").unwrap() <= time("time").unwrap(), "{line}");
                let count = |member: &str| line[member].as_u64().unwrap();
                (count("callers"), count("allocate"))
            })
            .collect();
        assert_eq!(reported, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_without_keys_is_a_line_a_minute() {
    let log = RejectedLog::new();
    let endpoints = guarded_with(&[OPERATOR], &log.lines).await;
    let minute = Duration::from_secs(61);
    call(&endpoints, "allocate", None).await;
    log.check(&[(1, 1)]);
    for _ in 0..2000 {
        call(&endpoints, "allocate", Some(OPERATOR)).await;
    }
    call(&endpoints, "policy", Some(OLD)).await;
    assert_opened(&call(&endpoints, "allocate", Some(OLD)).await);
    log.check(&[(1, 1)]);
    sleep(minute).await;
    log.check(&[(1, 1), (2001, 2000)]);
    sleep(minute * 3).await;
    call(&endpoints, "explain", None).await;
    log.check(&[(1, 1), (2001, 2000), (1, 0)]);
    call(&endpoints, "explain", None).await;
    drop(endpoints);
    sleep(minute).await;
    log.check(&[(1, 1), (2001, 2000), (1, 0), (1, 0)]);
}
