//! How bodies come in: in pieces, too long, too slow, broken off.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use http_body_util::channel::{Channel, Sender};
use tokio::time::{Instant, sleep};

use crate::webhook::{Answer, Webhook, good_request};

/// Longest body that is read: 256 KiB.
const LIMIT: u64 = 256 * 1024;

/// A body that declares its length, and of which nothing comes.
struct Declared(u64);

impl HttpBody for Declared {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Pending
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}

/// Posts a body while `send` gives its pieces; returns how long the answer took, too.
async fn post<F: Future<Output = ()>>(
    send: impl FnOnce(Sender<Bytes, io::Error>) -> F,
) -> (Answer, Duration) {
    let webhook = Webhook::started().await;
    let (sender, body) = Channel::new(1);
    let started = Instant::now();
    let answered = async {
        let answer = webhook.post("/api/allocate", Body::new(body)).await;
        (answer, started.elapsed())
    };
    let (answered, ()) = tokio::join!(answered, send(sender));
    let next = webhook.allocate(&good_request()).await;
    assert_eq!(next.status, 200, "the next request: {}", next.text);
    answered
}

async fn never() {
    sleep(Duration::from_mins(1)).await;
}

#[tokio::test(start_paused = true)]
async fn a_body_in_pieces_is_put_together() {
    let (answer, after) = post(async |mut sender| {
        for piece in good_request().to_string().into_bytes().chunks(7) {
            sender
                .send_data(Bytes::copy_from_slice(piece))
                .await
                .unwrap();
        }
    })
    .await;
    assert_eq!(
        (answer.status, after),
        (200, Duration::ZERO),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn the_limit_is_256_kib() {
    let webhook = Webhook::started().await;
    let mut body = good_request().to_string();
    while (body.len() as u64) < LIMIT {
        body.push(' ');
    }
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
async fn a_declared_length_over_the_limit_is_answered_before_anything_comes() {
    let webhook = Webhook::started().await;
    for length in [LIMIT + 1, 10 * 1024 * 1024, u64::MAX] {
        let started = Instant::now();
        let body = Body::new(Declared(length));
        let answer = webhook.post("/api/allocate", body).await;
        answer.assert_problem(413, "bodyTooLarge");
        assert_eq!(started.elapsed(), Duration::ZERO, "{length}");
    }
    let answer = webhook
        .post("/api/allocate", Body::new(Declared(LIMIT)))
        .await;
    answer.assert_problem(503, "bodyTimeout");
}

/// The rest is read and dropped after the answer, as long as the request's time lasts.
#[tokio::test(start_paused = true)]
async fn a_body_without_a_length_is_answered_as_soon_as_it_passes_the_limit() {
    for pieces in [5, 160] {
        let sent = Cell::new(0);
        let (answer, after) = post(async |mut sender| {
            for _ in 0..pieces {
                let piece = Bytes::from(vec![b' '; 64 * 1024]);
                sender.send_data(piece).await.unwrap();
                sent.set(sent.get() + 1);
            }
            never().await;
            let late = sender.send_data(Bytes::from_static(b" ")).await;
            assert!(late.is_err(), "nobody reads it any more");
        })
        .await;
        answer.assert_problem(413, "bodyTooLarge");
        assert_eq!((sent.get(), after), (pieces, Duration::ZERO));
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_is_given_up_at_the_deadline() {
    let (answer, after) = post(async |mut sender| {
        sender.send_data(Bytes::from_static(b"{")).await.unwrap();
        never().await;
    })
    .await;
    answer.assert_problem(503, "bodyTimeout");
    assert_eq!(after.as_secs(), 2);
}

/// 512 callers with a key that send slowly would fill 128 MiB.
#[tokio::test(start_paused = true)]
async fn slow_long_bodies_take_room_from_each_other_and_from_no_short_one() {
    let webhook = Webhook::started().await;
    let slow = async |length| {
        let answer = webhook.post("/api/allocate", Body::new(Declared(length)));
        answer.await
    };
    let long = futures_util::future::join_all((0..40).map(|_| slow(LIMIT)));
    let short = async {
        sleep(Duration::from_secs(1)).await;
        let started = Instant::now();
        let answer = webhook.allocate(&good_request()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(started.elapsed(), Duration::ZERO);
    };
    let (long, ()) = tokio::join!(long, short);
    // The others find room when these give theirs back, at the same deadline or never.
    for answer in long.iter().take(32) {
        answer.assert_problem(503, "bodyTimeout");
    }
    assert!(long.iter().all(|answer| answer.status == 503));
    slow(LIMIT).await.assert_problem(503, "bodyTimeout");
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
