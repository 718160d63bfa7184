//! Who goes where, over a million devices: shares, movement, cohorts.
//!
//! The ids and salts are fixed, so that every number here is the same in each run.

use std::sync::LazyLock;

use dps_allocation::bucket::{Bucket, BucketSalt, Share};
use dps_allocation::weight::{Candidate, PlacementSalt, hub_hash, pick};
use proptest::prelude::*;

const DEVICES: u32 = 1_000_000;
/// As measured in the design: 1, 2, 0.5, 1.5 and 1, repeating.
const WEIGHTS: [u16; 5] = [100, 200, 50, 150, 100];

static ID_HASHES: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let salt = PlacementSalt::new("");
    ids("breakroom").map(|id| salt.hash(&id)).collect()
});

static TEN: LazyLock<Placed> = LazyLock::new(|| Placed::on(hubs(10)));
static FIFTY: LazyLock<Placed> = LazyLock::new(|| Placed::on(hubs(50)));

fn ids(family: &'static str) -> impl Iterator<Item = String> {
    (0..DEVICES).map(move |i| match family {
        "serial" => format!("sn-{i:010}"),
        "mac" => format!(
            "00:15:5d:{:02x}:{:02x}:{:02x}",
            i >> 14,
            (i >> 6) & 255,
            (i << 2) & 255
        ),
        _ => format!("breakroom{i}-contoso-tstrsd-007"),
    })
}

fn hubs(count: u16) -> Vec<Candidate> {
    let hub = |order: u16| Candidate {
        hub_hash: hub_hash(&format!("contoso-hub-{order:02}.azure-devices.net")),
        weight: WEIGHTS[usize::from(order) % WEIGHTS.len()],
        order,
    };
    (0..count).map(hub).collect()
}

/// The hub of each device, by its place in the order of host names.
fn place(hubs: &[Candidate]) -> Vec<u16> {
    let hub = |hash: &u64| pick(*hash, hubs.iter().copied()).unwrap().order;
    ID_HASHES.iter().map(hub).collect()
}

fn total(hubs: &[Candidate]) -> f64 {
    hubs.iter().map(|hub| f64::from(hub.weight)).sum()
}

/// Four standard deviations of a share of `devices`.
fn four_sigma(devices: f64, share: f64) -> f64 {
    4.0 * (devices * share * (1.0 - share)).sqrt()
}

#[track_caller]
fn shares_follow_weights(placed: &Placed) {
    let mut counts = vec![0_u32; 64];
    for order in &placed.orders {
        counts[usize::from(*order)] += 1;
    }
    let devices = f64::from(DEVICES);
    for hub in &placed.hubs {
        let share = placed.share(hub.order);
        let off = (f64::from(counts[usize::from(hub.order)]) - devices * share).abs();
        assert!(
            off <= four_sigma(devices, share),
            "{hub:?} is {off} devices off"
        );
    }
}

#[test]
fn shares_follow_the_weights() {
    shares_follow_weights(&TEN);
    shares_follow_weights(&FIFTY);
}

/// Hubs, and where each device is.
struct Placed {
    hubs: Vec<Candidate>,
    orders: Vec<u16>,
}

impl Placed {
    fn on(hubs: Vec<Candidate>) -> Self {
        let orders = place(&hubs);
        Self { hubs, orders }
    }

    fn share(&self, order: u16) -> f64 {
        let hub = self.hubs.iter().find(|hub| hub.order == order);
        hub.map_or(0.0, |hub| f64::from(hub.weight) / total(&self.hubs))
    }
}

/// The least that has to move is the total variation distance between the shares.
#[track_caller]
fn moves_no_more_than_needed(before: &Placed, after: &Placed, changed: u16) {
    let least: f64 = (0..64)
        .map(|i| (before.share(i) - after.share(i)).max(0.0))
        .sum();
    let grows = after.share(changed) > before.share(changed);
    let mut moved = 0;
    for (from, to) in before.orders.iter().zip(&after.orders) {
        if from != to {
            moved += 1;
            assert_eq!(
                *if grows { to } else { from },
                changed,
                "moved from {from} to {to}"
            );
        }
    }
    let ratio = f64::from(moved) / f64::from(DEVICES) / least;
    assert!(
        (0.97..=1.03).contains(&ratio),
        "moved {ratio} times what is needed"
    );
}

#[track_caller]
fn only_its_share_moves_when_a_hub_comes_or_goes(with: &Placed, places: &[u16]) {
    for order in places {
        let others = with.hubs.iter().copied().filter(|hub| hub.order != *order);
        let without = Placed::on(others.collect());
        moves_no_more_than_needed(&without, with, *order);
        moves_no_more_than_needed(with, &without, *order);
    }
}

#[test]
fn only_its_share_moves_when_one_of_ten_hubs_comes_or_goes() {
    only_its_share_moves_when_a_hub_comes_or_goes(&TEN, &[0, 5, 9]);
}

#[test]
fn only_its_share_moves_when_one_of_fifty_hubs_comes_or_goes() {
    only_its_share_moves_when_a_hub_comes_or_goes(&FIFTY, &[25]);
}

#[test]
fn a_changed_weight_moves_no_device_between_other_hubs() {
    for (before, weights) in [(&*TEN, [0, 50, 150, 1000].as_slice()), (&FIFTY, &[150])] {
        for weight in weights {
            let mut hubs = before.hubs.clone();
            hubs[4].weight = *weight;
            moves_no_more_than_needed(before, &Placed::on(hubs), 4);
        }
    }
}

#[test]
fn weight_zero_gets_devices_only_if_all_have_it() {
    let mut mixed = hubs(10);
    mixed[1].weight = 0;
    mixed[7].weight = 0;
    assert!(place(&mixed).iter().all(|order| !matches!(order, 1 | 7)));
    let zero: Vec<_> = hubs(5)
        .into_iter()
        .map(|hub| Candidate { weight: 0, ..hub })
        .collect();
    let equal: Vec<_> = hubs(5)
        .into_iter()
        .map(|hub| Candidate { weight: 7, ..hub })
        .collect();
    assert_eq!(place(&zero), place(&equal));
}

#[test]
fn ties_go_to_the_first_by_name() {
    let tied = |weight, order| Candidate {
        hub_hash: 42,
        weight,
        order,
    };
    let winner = |hubs: [Candidate; 2]| pick(7, hubs.into_iter()).unwrap().order;
    assert_eq!(winner([tied(5, 3), tied(5, 2)]), 2);
    assert_eq!(winner([tied(0, 2), tied(0, 3)]), 2);
    assert_eq!(winner([tied(5, 2), tied(6, 3)]), 3);
    assert_eq!(pick(7, std::iter::empty()), None);
}

#[test]
fn a_growing_share_never_loses_a_member() {
    let shares = [
        "0%", "0.001%", "1%", "5%", "10%", "25%", "50%", "99.999%", "100%",
    ];
    let shares = shares.map(|text| text.parse::<Share>().unwrap());
    let salt = BucketSalt::new("fw-12-canary");
    let mut members = shares.map(|_| 0_u32);
    for bucket in ids("breakroom").map(|id| salt.bucket(&id)) {
        let inside = shares.map(|share| share.contains(bucket));
        assert!(inside.is_sorted(), "{bucket:?} leaves");
        for (count, inside) in members.iter_mut().zip(inside) {
            *count += u32::from(inside);
        }
    }
    for (share, members) in shares.into_iter().zip(members) {
        let part = f64::from(share.units()) / 100_000.0;
        let off = (f64::from(members) - f64::from(DEVICES) * part).abs();
        assert!(
            off <= four_sigma(f64::from(DEVICES), part),
            "{share}: {members}"
        );
    }
}

/// A cohort is the same part of every hub, even if rollout and tenant have the same salt.
#[test]
fn a_cohort_is_its_share_of_every_hub() {
    let equal: Vec<_> = hubs(4)
        .into_iter()
        .map(|hub| Candidate { weight: 1, ..hub })
        .collect();
    let salt = BucketSalt::new("");
    let share: Share = "10%".parse().unwrap();
    let (mut cohort, mut all) = ([0_u32; 4], [0_u32; 4]);
    for (id, order) in ids("breakroom").zip(place(&equal)) {
        all[usize::from(order)] += 1;
        cohort[usize::from(order)] += u32::from(share.contains(salt.bucket(&id)));
    }
    for (cohort, all) in cohort.into_iter().zip(all) {
        let part = f64::from(cohort) / f64::from(all);
        assert!((0.098..=0.102).contains(&part), "{part}");
    }
}

#[test]
fn the_cohorts_of_two_rollouts_are_independent() {
    let share: Share = "10%".parse().unwrap();
    let (one, other) = (BucketSalt::new("one"), BucketSalt::new("other"));
    let both = |id: &String| share.contains(one.bucket(id)) && share.contains(other.bucket(id));
    let both = ids("breakroom").filter(both).count();
    assert!(
        (9_600..=10_400).contains(&both),
        "{both} of a million, 10,000 expected"
    );
}

/// Chi-square over 1,000 bins; 1.145 times its 999 degrees is passed once in a thousand.
#[test]
fn buckets_are_uniform() {
    for family in ["breakroom", "serial", "mac"] {
        let salt = BucketSalt::new("fw-12-canary");
        let mut bins = vec![0_u32; 1000];
        for bucket in ids(family).map(|id| salt.bucket(&id)) {
            bins[bin(bucket)] += 1;
        }
        let expected = f64::from(DEVICES) / 1000.0;
        let chi2: f64 = bins
            .iter()
            .map(|count| (f64::from(*count) - expected).powi(2) / expected)
            .sum();
        assert!(chi2 / 999.0 < 1.145, "{family}: {}", chi2 / 999.0);
    }
}

fn bin(bucket: Bucket) -> usize {
    usize::try_from(bucket.number() / 100).unwrap()
}

proptest! {
    #[test]
    fn the_order_of_candidates_does_not_matter(
        id_hash: u64,
        hubs in prop::collection::vec((any::<u64>(), 0..=1000_u16), 1..50),
        seed: u64,
    ) {
        let mut candidates: Vec<_> = hubs
            .into_iter()
            .zip(0..)
            .map(|((hub_hash, weight), order)| Candidate { hub_hash: hub_hash % 8, weight, order })
            .collect();
        let picked = pick(id_hash, candidates.iter().copied());
        candidates.sort_by_key(|hub| (seed ^ u64::from(hub.order)).wrapping_mul(0x9e37_79b9));
        prop_assert_eq!(picked, pick(id_hash, candidates.iter().copied()));
    }
}
