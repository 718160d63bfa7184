//! When the shares of rollouts overtake each other.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use dps_allocation::RolloutView;
use dps_allocation::tables::Column;
use jiff::Timestamp;

use crate::prove::side::Side;

/// The seconds around which a share that grows evenly overtakes another of the same salt, and the
/// last second before the next of the moments.
pub(super) fn crossings(
    sides: &[Side<'_>],
    tenants: &[String],
    moments: &[Timestamp],
) -> BTreeSet<Timestamp> {
    let tenants: BTreeSet<String> = tenants.iter().cloned().collect();
    let mut found = BTreeSet::new();
    for (from, until) in moments.iter().zip(moments.iter().skip(1)) {
        let (from, last) = (from.as_second(), until.as_second() - 1);
        for shares in by_salt(sides, &tenants, from, last).values() {
            let shares: Vec<&RolloutView<'_>> = shares.values().collect();
            for (index, one) in shares.iter().enumerate() {
                for other in shares.iter().skip(index + 1) {
                    found.extend(crossing(one, other, from, last));
                }
            }
        }
    }
    let seconds = found.into_iter();
    seconds
        .filter_map(|second| Timestamp::from_second(second).ok())
        .collect()
}

/// Of each salt the rollouts whose shares differ at the beginning or at the end.
fn by_salt<'s>(
    sides: &'s [Side<'_>],
    tenants: &BTreeSet<String>,
    from: i64,
    last: i64,
) -> BTreeMap<String, BTreeMap<[u32; 2], RolloutView<'s>>> {
    let mut by_salt: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
    for (rollout, row) in sides.iter().flat_map(|side| side.rollouts_for(tenants)) {
        let salt = row.get(Column::Salt).unwrap_or(rollout.id()).to_owned();
        let ends = [from, last].map(|second| units(&rollout, second));
        by_salt.entry(salt).or_default().insert(ends, rollout);
    }
    by_salt
}

fn crossing(one: &RolloutView<'_>, other: &RolloutView<'_>, from: i64, last: i64) -> Vec<i64> {
    let order = |second: i64| -> Ordering { units(one, second).cmp(&units(other, second)) };
    let (before, after) = (order(from), order(last));
    if last <= from || before == after {
        return Vec::new();
    }
    let meets = first(from, last, |second| order(second) != before);
    let passed = first(meets, last, |second| order(second) == after);
    vec![meets, passed, last]
}

/// The first second for which it is so, which it is for the last one.
fn first(mut from: i64, mut last: i64, is_so: impl Fn(i64) -> bool) -> i64 {
    while from < last {
        let middle = from.midpoint(last);
        if is_so(middle) {
            last = middle;
        } else {
            from = middle + 1;
        }
    }
    last
}

fn units(rollout: &RolloutView<'_>, second: i64) -> u32 {
    let at = Timestamp::from_second(second);
    at.map_or(0, |at| rollout.share(at).units())
}
