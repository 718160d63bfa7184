//! Step 8: weights, static placement and salts.

use dps_allocation::weight::{Candidate, PlacementSalt, hub_hash, pick};

use crate::fleet::{Device, policy, verdicts};

const HUBS: [&str; 3] = ["a.net", "b.net", "c.net"];

fn fleet(tenant: &str, weights: [u16; 3]) -> String {
    let [a, b, c] = weights;
    format!(
        "hubs: weight\n a.net | {a}\n b.net | {b}\n c.net | {c}\n\
         enrollments: tenants\n group | acme\n\
         tenants: placement salt\n acme | {tenant}"
    )
}

/// The hub of a device by the published algorithm alone.
fn published(id: &str, salt: &str, weights: [u16; 3]) -> &'static str {
    let candidate = |(order, weight): (u16, u16)| {
        let hub_hash = hub_hash(HUBS[usize::from(order)]);
        Candidate {
            hub_hash,
            weight,
            order,
        }
    };
    let picked = pick(
        PlacementSalt::new(salt).hash(id),
        (0..).zip(weights).map(candidate),
    );
    HUBS[usize::from(picked.unwrap().order)]
}

#[track_caller]
fn check(tenant: &str, salt: &str, weights: [u16; 3]) {
    let policy = policy(&fleet(tenant, weights));
    for id in (0..200).map(|n| format!("Pump-{n}")) {
        let expected = published(&id.to_lowercase(), salt, weights);
        let decided = Device::new(&id).linked(&HUBS).decided(&policy);
        assert_eq!(decided, format!("{expected} weighted"), "{id}");
    }
}

#[test]
fn the_published_algorithm_decides() {
    check("weighted", "", [1, 1, 1]);
    check("-", "", [1, 0, 1000]);
    check("weighted | winter", "winter", [3, 2, 1]);
    check("weighted | Winter", "Winter", [3, 2, 1]);
}

#[test]
fn another_salt_is_another_placement() {
    let hubs = |tenant: &str| {
        let policy = policy(&fleet(tenant, [1, 1, 1]));
        let ids = (0..100).map(|n| format!("pump-{n}"));
        ids.map(|id| Device::new(&id).linked(&HUBS).decided(&policy))
            .collect::<Vec<_>>()
    };
    assert!(hubs("weighted | winter") != hubs("weighted"));
    assert!(hubs("weighted | winter") != hubs("weighted | Winter"));
}

#[test]
fn weight_zero_gets_no_device() {
    let policy = policy(&fleet("weighted", [0, 1, 0]));
    for n in 0..50 {
        let device = Device::new(&format!("pump-{n}")).linked(&HUBS);
        assert_eq!(device.decided(&policy), "b.net weighted");
        let verdicts = verdicts(&device.explained(&policy));
        assert_eq!(
            verdicts,
            ["a.net weightZero", "b.net chosen", "c.net weightZero"]
        );
    }
}

#[test]
fn hubs_of_weight_zero_alone_count_as_equal() {
    let text = fleet("weighted", [0, 1, 0]);
    let text = format!("{text}\n rollouts: to steps\n acme/go | a.net;c.net | 100%");
    let policy = policy(&text);
    let mut taken = [0, 0];
    for n in 0..100 {
        let device = Device::new(&format!("pump-{n}")).linked(&HUBS);
        match &*device.decided(&policy) {
            "a.net rollout" => taken[0] += 1,
            "c.net rollout" => taken[1] += 1,
            other => panic!("{other}"),
        }
    }
    assert!(taken.into_iter().all(|taken| taken > 25), "{taken:?}");
    // Only the one that is linked.
    let linked = Device::new("a").linked(&["c.net", "b.net"]);
    assert_eq!(linked.decided(&policy), "c.net rollout");
}

#[track_caller]
fn first(weights: [u16; 3], linked: &[&str], expected: &str) {
    let policy = policy(&fleet("static", weights));
    let explanation = Device::new("a").linked(linked).explained(&policy);
    assert_eq!(explanation.reason, "static");
    assert_eq!(
        verdicts(&explanation).join(", ").replace(".net", ""),
        expected
    );
}

#[test]
fn static_placement_chooses_the_first_hub_with_a_weight() {
    first([1, 1, 1], &HUBS, "a chosen, b notFirst, c notFirst");
    first(
        [1, 1000, 1],
        &["c.net", "b.net"],
        "a notLinked, b chosen, c notFirst",
    );
    first([0, 1, 1], &HUBS, "a weightZero, b chosen, c notFirst");
    // Nothing with a weight is linked.
    first(
        [0, 0, 1],
        &["b.net", "a.net"],
        "a chosen, b notFirst, c notLinked",
    );
}

#[test]
fn a_weight_edit_moves_no_device_that_has_a_hub() {
    for weights in [[1, 1, 1], [0, 0, 1], [1000, 0, 0]] {
        let policy = policy(&fleet("weighted", weights));
        for (id, hub) in [
            ("pump-1", "a.net"),
            ("pump-2", "b.net"),
            ("pump-3", "c.net"),
        ] {
            let device = Device::new(id).linked(&HUBS).on(hub);
            assert_eq!(device.decided(&policy), format!("{hub} stay"));
        }
    }
}
