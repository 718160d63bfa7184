use super::super::failure::Refusal;
use super::*;

/// The pause in milliseconds after a refusal that asks for so many seconds, where 200 ms are due and this much
/// time is left.
fn check(asked: Option<u64>, left: u64, expected: Option<u64>) {
    let refused = Failure::Refused(Refusal {
        status: 503,
        code: "ServerBusy".to_owned(),
        message: String::new(),
        operation: None,
        retry_after: asked.map(Duration::from_secs),
        clock_ahead: None,
    });
    let found = pause(&refused, FIRST_WAIT, Duration::from_millis(left));
    assert_eq!(
        found,
        expected.map(Duration::from_millis),
        "{asked:?} {left}"
    );
}

#[test]
fn retry_after_is_waited_for_where_the_time_is_enough() {
    check(None, 8_000, Some(200));
    check(Some(0), 8_000, Some(200));
    check(Some(2), 8_000, Some(2_000));
    check(Some(7), 8_000, Some(7_000));
    check(Some(8), 8_000, None);
    check(Some(60), 8_000, None);
    check(None, 200, None);
    check(Some(2), 2_001, Some(2_000));
}

#[test]
fn a_lost_request_is_tried_again_after_the_usual_pause() {
    let lost = Failure::Lost(Network::Timeout, String::new());
    let second = Duration::from_secs(1);
    assert_eq!(pause(&lost, FIRST_WAIT, second), Some(FIRST_WAIT));
}
