//! The way to the tables breaks while a push is made: nothing of it, or half of it and a marker.

use azurite::Fault;
use dps_allocation::tables::Tables;
use dps_policy_store::push::{PushError, State};

use super::harness::{Place, contents, proxy, put, put_from, resume, revision, sites, stored};

/// A push whose connection has the fault as soon as that many rows are written, 0: at its start.
async fn broken(place: &Place, at: usize, fault: Fault, wanted: &Tables) -> Result<(), PushError> {
    let proxy = proxy();
    let store = place.through(&proxy);
    let state = State::read(&store, false).await.unwrap();
    if at == 0 {
        proxy.set(fault.clone());
    }
    put_from(&store, &state, wanted, false, |done, _| {
        if done == at {
            proxy.set(fault.clone());
        }
    })
    .await
}

/// What an operator sees of it.
enum End {
    Done,
    /// With this text in the message.
    Nothing(&'static str),
    /// With this text in the message.
    Half(&'static str),
}

/// Breaks a push of four rows, each a batch; whatever happens, resuming makes it whole.
async fn check(at: usize, fault: Fault, end: End) {
    let (place, wanted) = (Place::new().await, sites(6, 9));
    put(&place.client(), &sites(4, 5)).await.unwrap();
    let before = contents(&place).await;
    let pushed = broken(&place, at, fault.clone(), &wanted).await;
    match (end, pushed) {
        (End::Done, Ok(())) => assert_eq!(stored(&place).await, Ok(revision(&wanted))),
        (End::Nothing(text), Err(error @ PushError::Nothing(_))) => {
            assert!(error.to_string().contains(text), "{error}");
            assert_eq!(contents(&place).await, before, "{fault:?}");
            assert_eq!(
                stored(&place).await,
                Ok(revision(&sites(4, 5))),
                "{fault:?}"
            );
        }
        (End::Half(text), Err(error @ PushError::Half(_))) => {
            assert!(error.to_string().contains(text), "{error}");
            let finding = stored(&place).await.unwrap_err();
            assert!(finding.contains("has not finished"), "{finding}");
        }
        (_, pushed) => panic!("{fault:?} at {at}: {pushed:?}"),
    }
    resume(&place.client(), &wanted).await.unwrap();
    assert_eq!(stored(&place).await, Ok(revision(&wanted)));
}

const EVER: u32 = u32::MAX;

fn busy(times: u32) -> Fault {
    Fault::ServiceUnavailable {
        retry_after: None,
        times,
    }
}

#[tokio::test]
async fn a_short_burst_is_waited_for() {
    check(0, busy(2), End::Done).await;
    check(2, busy(2), End::Done).await;
}

#[tokio::test]
async fn what_fails_and_can_be_undone_is() {
    for at in [2, 5] {
        check(at, busy(3), End::Nothing("is busy")).await;
        check(
            at,
            Fault::Forbidden { times: 1 },
            End::Nothing("may not use"),
        )
        .await;
    }
}

#[tokio::test]
async fn what_cannot_be_undone_leaves_the_marker() {
    check(2, busy(EVER), End::Half("is busy")).await;
    check(
        2,
        Fault::Forbidden { times: EVER },
        End::Half("may not use"),
    )
    .await;
    check(
        6,
        Fault::Forbidden { times: EVER },
        End::Half("may not use"),
    )
    .await;
    check(2, Fault::Refuse, End::Half("no webhook installs them")).await;
    check(2, Fault::Reset, End::Half("the answer was lost")).await;
    check(2, Fault::BlackHole, End::Half("the answer was lost")).await;
    check(
        2,
        Fault::LoseAnswer { times: EVER },
        End::Half("the answer was lost"),
    )
    .await;
}

/// The rows tell whether a write was done whose answer is lost.
#[tokio::test]
async fn what_may_be_done_is_looked_at() {
    for at in [0, 2, 5] {
        for times in 1..=2 {
            check(at, Fault::LoseAnswer { times }, End::Done).await;
            check(at, Fault::InternalError { times }, End::Done).await;
        }
        check(at, Fault::CloseIdle, End::Done).await;
    }
}

/// Before anything is written nothing is half; a marker may be there whose answer was lost.
#[tokio::test]
async fn what_breaks_at_the_begin_changes_no_row() {
    for fault in [
        Fault::Forbidden { times: EVER },
        Fault::Forbidden { times: 1 },
        busy(EVER),
        Fault::Refuse,
        Fault::Reset,
        Fault::LoseAnswer { times: EVER },
    ] {
        let (place, tables) = Place::with_starter().await;
        let before = contents(&place).await;
        let error = broken(&place, 0, fault.clone(), &sites(6, 9))
            .await
            .unwrap_err();
        assert!(
            !matches!(error, PushError::Half(_) | PushError::Devices { .. }),
            "{error:?}"
        );
        // Whether a marker is there is not known while nothing can be read.
        let breaks = |fault: &Fault| {
            matches!(
                fault,
                Fault::LoseAnswer { .. } | Fault::Reset | Fault::Refuse
            )
        };
        let unknown = breaks(&fault);
        let expected = if unknown {
            "the answer was lost"
        } else {
            "nothing was changed"
        };
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(
            error.to_string().contains("nothing was changed"),
            !unknown,
            "{error}"
        );
        assert_eq!(contents(&place).await, before);
        let marker = matches!(fault, Fault::LoseAnswer { .. });
        assert_eq!(
            stored(&place).await.ok(),
            (!marker).then(|| revision(&tables)),
            "{fault:?}"
        );
    }
}
