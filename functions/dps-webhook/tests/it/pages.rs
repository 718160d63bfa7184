//! The documented reasons and statuses are those that the webhook answers.

use axum::body::{Body, Bytes};
use axum::http::Method;
use http_body_util::channel::Channel;

use crate::envelope::ENVELOPE;
use crate::front::rebound;
use crate::keys::rejected_caller;
use crate::statuses::refused;
use crate::webhook::{Answer, Webhook, good_request};

const REASONS: &str = include_str!("../../../REASONS.md");

/// Reasons that no request can bring about, as unit tests of the crate check them.
const UNREACHED: [(&str, u64); 4] = [
    ("overloaded", 503),
    ("storeUnavailable", 503),
    ("deviceRowInvalid", 503),
    ("fault", 500),
];

/// Reason and status of each row below the heading "Not assigned".
fn documented() -> Vec<(String, u64)> {
    let (_, below) = REASONS.split_once("\n## Not assigned\n").unwrap();
    let rows = below.lines().skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|')).skip(2);
    let read = |row: &str| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        (
            cells[1].trim_matches('`').to_owned(),
            cells[2].parse().unwrap(),
        )
    };
    rows.map(read).collect()
}

/// An answer of each kind but 200.
async fn problems() -> Vec<Answer> {
    let webhook = Webhook::started().await;
    let mut answers = Vec::new();
    for (_, _, request) in refused() {
        answers.push(webhook.allocate(&request).await);
    }
    answers.push(webhook.post("/api/allocate", vec![b' '; 300_000]).await);
    let (_sender, never_ends) = Channel::<Bytes>::new(1);
    answers.push(webhook.post("/api/allocate", Body::new(never_ends)).await);
    answers.push(Webhook::new().allocate(&good_request()).await);
    answers.push(rejected_caller().await);
    answers.push(rebound().await);
    answers.push(webhook.post("/allocate", ENVELOPE).await);
    answers.push(webhook.get("/api/nothing").await);
    answers.push(webhook.call(Method::DELETE, "/api/allocate", "").await);
    answers
}

#[tokio::test(start_paused = true)]
async fn every_reason_is_documented_with_its_status() {
    let answers = problems().await;
    let answered = answers.iter().map(|answer| {
        let reason = answer.json()["reason"].as_str().unwrap().to_owned();
        (reason, u64::from(answer.status))
    });
    let unreached = UNREACHED.map(|(reason, status)| (reason.to_owned(), status));
    let mut known: Vec<(String, u64)> = answered.chain(unreached).collect();
    let mut documented = documented();
    known.sort();
    documented.sort();
    assert_eq!(documented, known);
}
