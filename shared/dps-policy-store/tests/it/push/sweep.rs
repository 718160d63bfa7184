//! A fault at each single request of a push, and an end at each moment.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use azurite::Fault;
use dps_allocation::tables::Tables;
use dps_policy_store::push::{PushError, State};

use super::harness::{Place, contents, proxy, put_from, resume, revision, sites, stored};

/// How a push ended that met a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Done,
    Nothing,
    Unfinished,
}

/// Pushes with a fault after that many requests; returns how it ended, and its number of requests.
///
/// Either all is there, or nothing, or the marker says that it is half.
async fn push(fault: Fault, after: usize) -> (End, usize) {
    let (place, old) = Place::with_starter().await;
    let (proxy, wanted) = (proxy(), sites(2, 9));
    let store = place.through(&proxy);
    let state = State::read(&store, false).await.unwrap();
    let (before, begun) = (contents(&place).await, proxy.requests());
    let mut push = pin!(put_from(&store, &state, &wanted, false, |_, _| {}));
    let mut fault = Some(fault);
    let pushed = poll_fn(|context| {
        if proxy.requests() - begun == after
            && let Some(fault) = fault.take()
        {
            proxy.set(fault);
        }
        push.as_mut().poll(context)
    });
    let pushed = pushed.await;
    let requests = proxy.requests() - begun;
    let end = match &pushed {
        Ok(()) | Err(PushError::Unnoted(_)) => {
            assert_eq!(stored(&place).await, Ok(revision(&wanted)));
            End::Done
        }
        Err(PushError::Nothing(_)) => {
            assert_eq!(contents(&place).await, before);
            assert_eq!(stored(&place).await, Ok(revision(&old)));
            End::Nothing
        }
        Err(PushError::Half(_) | PushError::Open(_) | PushError::Unfinished(_)) => {
            assert!(
                stored(&place)
                    .await
                    .unwrap_err()
                    .contains("has not finished")
            );
            End::Unfinished
        }
        Err(other) => panic!("{other:?} after {after} requests"),
    };
    resume(&place.client(), &wanted).await.unwrap();
    assert_eq!(
        stored(&place).await,
        Ok(revision(&wanted)),
        "{pushed:?} after {after} requests"
    );
    (end, requests)
}

/// The ends for a fault at each request; the last one is the deletion of the marker.
async fn sweep(fault: Fault) -> Vec<End> {
    let (end, requests) = push(Fault::None, 0).await;
    assert_eq!(end, End::Done);
    let mut ends = Vec::new();
    for after in 0..requests {
        ends.push(push(fault.clone(), after).await.0);
    }
    ends
}

#[tokio::test]
async fn a_push_may_lose_any_answer() {
    let ends = sweep(Fault::LoseAnswer { times: 1 }).await;
    assert!(ends.iter().all(|end| *end == End::Done), "{ends:?}");
}

#[tokio::test]
async fn a_push_may_be_refused_at_any_request() {
    let ends = sweep(Fault::Forbidden { times: 1 }).await;
    assert_eq!(ends.first(), Some(&End::Nothing));
    let unfinished = ends.iter().filter(|end| **end == End::Unfinished).count();
    assert_eq!(unfinished, 1, "the marker's end: {ends:?}");
}

/// Polls a push that many times and drops it then; none if it has finished before.
async fn crash(place: &Place, wanted: &Tables, after: usize) -> Option<()> {
    let store = place.client();
    let state = State::read(&store, false).await.unwrap();
    let mut push = pin!(put_from(&store, &state, wanted, false, |_, _| {}));
    let mut polls = 0;
    poll_fn(|context| {
        polls += 1;
        if polls > after {
            return Poll::Ready(Some(()));
        }
        push.as_mut().poll(context).map(|done| {
            done.unwrap();
            None
        })
    })
    .await
}

/// Wherever a push is killed: the tables are a whole revision, or say that they are not.
#[tokio::test]
async fn a_push_may_be_killed_at_any_moment() {
    let (place, old) = Place::with_starter().await;
    let (mut now, mut next) = (old, sites(3, 9));
    let (mut whole, mut half, mut polls) = (0, 0, 0);
    while crash(&place, &next, polls).await.is_some() {
        polls += 1;
        match stored(&place).await {
            Ok(found) => {
                assert!([revision(&now), revision(&next)].contains(&found));
                whole += 1;
            }
            Err(finding) => {
                assert!(finding.contains("has not finished"), "{finding}");
                half += 1;
            }
        }
        let wanted = if polls % 2 == 0 { &now } else { &next };
        // A request that was under way may be done only now; then the first try finds an edit.
        let mut tries = 0;
        while let Err(error) = resume(&place.client(), wanted).await {
            tries += 1;
            assert!(tries < 5, "{error}");
        }
        assert_eq!(stored(&place).await, Ok(revision(wanted)));
        if polls % 2 == 1 {
            (now, next) = (next, now);
        }
    }
    assert!(whole > 0 && half > 0, "{whole} {half}");
}
