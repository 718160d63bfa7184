//! How bodies come in: in pieces, too long, too slow, broken off.

use std::io;

use axum::body::{Body, Bytes};
use http_body_util::channel::{Channel, Sender};
use tokio::time::Instant;

use crate::webhook::{Answer, Webhook, good_request};

/// Longest body that is read: 256 KiB.
const LIMIT: usize = 256 * 1024;

/// Posts a body while `send` gives its pieces; answers how long it took, too.
async fn post<F: Future<Output = ()>>(
    send: impl FnOnce(Sender<Bytes, io::Error>) -> F,
) -> (Answer, u64) {
    let webhook = Webhook::started().await;
    let (sender, body) = Channel::new(1);
    let started = Instant::now();
    let (answer, ()) = tokio::join!(webhook.post("/api/allocate", Body::new(body)), send(sender));
    let seconds = started.elapsed().as_secs();
    let next = webhook.allocate(&good_request()).await;
    assert_eq!(next.status, 200, "the next request: {}", next.text);
    (answer, seconds)
}

#[tokio::test(start_paused = true)]
async fn a_body_in_pieces_is_put_together() {
    let (answer, seconds) = post(async |mut sender| {
        for piece in good_request().to_string().into_bytes().chunks(7) {
            sender
                .send_data(Bytes::copy_from_slice(piece))
                .await
                .unwrap();
        }
    })
    .await;
    assert_eq!((answer.status, seconds), (200, 0), "{}", answer.text);
}

#[tokio::test]
async fn the_limit_is_256_kib() {
    let webhook = Webhook::started().await;
    let mut body = good_request().to_string();
    body.push_str(&" ".repeat(LIMIT - body.len()));
    assert_eq!(
        webhook.post("/api/allocate", body.clone()).await.status,
        200
    );
    body.push(' ');
    webhook
        .post("/api/allocate", body)
        .await
        .assert_problem(413, "bodyTooLarge");
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_long_body_is_discarded_before_the_answer() {
    let (answer, seconds) = post(async |mut sender| {
        for _ in 0..160 {
            sender
                .send_data(Bytes::from(vec![b' '; 64 * 1024]))
                .await
                .unwrap();
        }
    })
    .await;
    answer.assert_problem(413, "bodyTooLarge");
    assert_eq!(seconds, 0);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_is_given_up_at_the_deadline() {
    let never = || tokio::time::sleep(std::time::Duration::from_mins(1));
    let (answer, _) = post(async |mut sender| {
        sender.send_data(Bytes::from_static(b"{")).await.unwrap();
        never().await;
    })
    .await;
    answer.assert_problem(503, "overloaded");

    let (answer, _) = post(async |mut sender| {
        sender
            .send_data(Bytes::from(vec![b' '; LIMIT + 1]))
            .await
            .unwrap();
        never().await;
    })
    .await;
    answer.assert_problem(413, "bodyTooLarge");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_malformed() {
    let (answer, _) = post(async |mut sender| {
        sender.send_data(Bytes::from_static(b"{")).await.unwrap();
        sender.abort(io::Error::other("connection reset"));
    })
    .await;
    answer.assert_problem(400, "malformedRequest");
}
