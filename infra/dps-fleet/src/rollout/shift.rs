//! Steps at other times.

use dps_allocation::bucket::Share;
use dps_allocation::rollout::{Ramp, ShareStep, Steps};
use jiff::{SignedDuration, Timestamp};

/// The whole second of a moment: cells have no fractions.
pub(super) fn whole_second(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// The steps after a rest from `since` to `until`: at `until` the share is that of `since`, and
/// each later share comes as much later as the rest was long.
///
/// Steps that were reached stay as they are; with `linear` the last of them is the beginning of the
/// line on which the share stands, and moves with it.
pub(super) fn resumed(
    steps: &Steps,
    ramp: Ramp,
    since: Timestamp,
    until: Timestamp,
) -> Vec<ShareStep> {
    let rest = until.duration_since(since);
    let all: Vec<ShareStep> = steps.iter().collect();
    let reached = all.partition_point(|step| step.at.is_none_or(|at| at <= since));
    let is_on_line = ramp == Ramp::Linear && reached < all.len();
    let first = reached - usize::from(is_on_line && reached > 0);
    let shifted = all.iter().enumerate().map(|(number, step)| match step.at {
        Some(at) if number >= first => later(*step, at, rest),
        _ => *step,
    });
    shifted.collect()
}

/// The steps with the next one at `now`, and each later one earlier by the same time; `None` if the
/// last is reached.
pub(super) fn promoted(steps: &Steps, now: Timestamp) -> Option<Vec<ShareStep>> {
    let next = steps.iter().find_map(|it| it.at.filter(|at| *at > now))?;
    let gain = now.duration_since(next);
    let shifted = steps.iter().filter_map(|step| match step.at {
        Some(at) if at > now => Some(later(step, at, gain)),
        // Two steps cannot have one time.
        Some(at) if at == now => None,
        _ => Some(step),
    });
    Some(shifted.collect())
}

/// The steps that were reached, and then all devices at once.
pub(super) fn completed(steps: &Steps, now: Timestamp) -> Vec<ShareStep> {
    let reached = steps
        .iter()
        .filter(|step| step.at.is_none_or(|at| at < now));
    let all = ShareStep {
        at: Some(now),
        share: Share::from_units(100_000).unwrap_or_default(),
    };
    reached.chain([all]).collect()
}

fn later(step: ShareStep, at: Timestamp, by: SignedDuration) -> ShareStep {
    ShareStep {
        // Beyond the end of time a step stays where it is.
        at: Some(at.checked_add(by).unwrap_or(at)),
        ..step
    }
}

/// As people write them into a cell: a time of 00:00 is a date, and seconds are left out if there
/// are none.
pub(super) fn text(steps: &[ShareStep]) -> String {
    let step = |step: &ShareStep| match step.at {
        Some(at) => format!("{}={}", short(&at.to_string()), step.share),
        None => step.share.to_string(),
    };
    steps.iter().map(step).collect::<Vec<_>>().join(" ")
}

fn short(time: &str) -> String {
    match time.strip_suffix(":00Z") {
        Some(minutes) => match minutes.strip_suffix("T00:00") {
            Some(date) => date.to_owned(),
            None => format!("{minutes}Z"),
        },
        None => time.to_owned(),
    }
}
