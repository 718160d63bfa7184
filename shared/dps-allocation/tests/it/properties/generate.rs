//! Policies and registrations of every kind, small enough that everything meets.

mod model;

use dps_allocation::Policy;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

pub(crate) use model::{
    Condition, DAYS, Fleet, GEOGRAPHIES, GROUPS, Hub, LOCATIONS, POOLS, REGIONS, Rollout, Row,
    Rule, TENANTS, Tenant, Window, device, host,
};

fn window() -> impl Strategy<Value = Window> {
    let begins = prop::option::of(1..DAYS);
    (begins, prop::option::of(1..DAYS)).prop_map(|(begins, length)| Window {
        begins,
        ends: length.map(|length| begins.unwrap_or(1) + length),
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        3 => (0..3_u8).prop_map(Condition::Payload),
        1 => (0..3_u8).prop_map(Condition::Attribute),
        1 => (1..DAYS).prop_map(Condition::Before),
        1 => (1..DAYS).prop_map(Condition::From),
    ]
}

/// Most often none.
fn some_hubs(hubs: usize) -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(0..hubs, 1..4)]
}

fn hub() -> impl Strategy<Value = Hub> {
    (
        subsequence(&POOLS[..], 0..=2),
        prop::option::of(select(&GEOGRAPHIES[..])),
        prop::option::weighted(0.3, subsequence(&TENANTS[..], 1..=2)),
        prop::option::of(select(&REGIONS[..])),
        0..4_u16,
        0..2_u16,
        select(&["open", "open", "open", "draining", "draining", "closed"][..]),
        window(),
    )
        .prop_map(
            |(pools, geography, tenants, region, weight, tier, state, window)| Hub {
                pools,
                geography,
                tenants,
                region,
                weight,
                tier,
                state,
                window: if state == "draining" {
                    window
                } else {
                    Window::default()
                },
            },
        )
}

fn tenant(hubs: usize) -> impl Strategy<Value = Tenant> {
    (
        prop::option::of(select(&POOLS[..])),
        prop::option::of(select(&GEOGRAPHIES[..])),
        prop::option::weighted(0.2, select(&GEOGRAPHIES[..])),
        select(&["latency", "latency", "weighted", "static"][..]),
        some_hubs(hubs),
        select(&[0, 10, 100][..]),
        select(&["weighted", "weighted", "refuse"][..]),
        select(&["stay", "stay", "replace"][..]),
        select(&["", "pepper"][..]),
        (any::<bool>(), any::<bool>()),
    )
        .prop_map(
            |(
                pools,
                residency,
                narrowed,
                placement,
                hubs,
                tolerance,
                without_location,
                on_reprovision,
                salt,
                (groups, has_twin),
            )| Tenant {
                pools,
                residency,
                narrowed,
                placement,
                hubs,
                tolerance,
                without_location,
                on_reprovision,
                salt,
                groups,
                has_twin,
            },
        )
}

fn scope() -> impl Strategy<Value = &'static str> {
    select(&["*", "acme", "acme", "beta"][..])
}

fn rule(hubs: usize) -> impl Strategy<Value = Rule> {
    (
        (scope(), select(&["first", "first", "also"][..])),
        prop::option::weighted(0.8, condition()),
        prop::option::weighted(0.2, condition()),
        window(),
        prop::option::weighted(0.3, select(&POOLS[..])),
        (some_hubs(hubs), prop::bool::weighted(0.2)),
        prop::option::weighted(0.3, select(&["latency", "weighted", "static"][..])),
        prop::bool::weighted(0.1),
        any::<bool>(),
    )
        .prop_map(
            |((scope, mode), when, unless, window, pools, leads, placement, refuse, has_twin)| {
                let also = mode == "also";
                let (hubs, names) = if also { (Vec::new(), false) } else { leads };
                let placement = placement.filter(|_| !also);
                let moves = pools.is_some() || !hubs.is_empty() || names || placement.is_some();
                let is_timed = !moves && (also || refuse);
                Rule {
                    scope,
                    mode,
                    when,
                    unless,
                    window: if is_timed { window } else { Window::default() },
                    pools,
                    hubs,
                    names,
                    placement,
                    refuse,
                    has_twin,
                }
            },
        )
}

fn row(hubs: usize) -> impl Strategy<Value = Row> {
    (
        some_hubs(hubs),
        prop::option::weighted(0.2, select(&GEOGRAPHIES[..])),
        prop::option::weighted(0.3, select(&GROUPS[..])),
        prop::option::of(0..3_u8),
        any::<bool>(),
    )
        .prop_map(|(hubs, residency, group, k, has_twin)| Row {
            hubs,
            residency,
            group,
            k,
            has_twin,
        })
}

pub(crate) fn rollout(hubs: usize) -> impl Strategy<Value = Rollout> {
    let shares = prop::collection::vec(0..=100_000_u32, 1..4).prop_map(|mut shares| {
        shares.sort_unstable();
        shares
    });
    (
        (
            scope(),
            prop::option::weighted(0.3, 0..hubs),
            prop::collection::vec(0..hubs, 0..4),
            (
                prop::bool::weighted(0.3),
                prop::option::of(select(&[0, 5, 40][..])),
            ),
        ),
        (
            select(&["new", "existing", "all"][..]),
            prop::option::weighted(0.3, condition()),
        ),
        shares,
        select(&["step", "linear"][..]),
        (
            select(&["running", "running", "paused", "aborted"][..]),
            1..DAYS,
            prop::option::of(1..DAYS),
            any::<bool>(),
        ),
        prop::option::weighted(0.2, select(&["device-1", "device-*"][..])),
        prop::option::weighted(0.2, select(&["device-2", "*-3"][..])),
    )
        .prop_map(
            |(
                (scope, from, to, (anew, min_gain)),
                (cohort, when),
                shares,
                ramp,
                (state, paused_on, aborted_on, returns),
                include,
                exclude,
            )| {
                Rollout {
                    scope,
                    from,
                    to,
                    anew,
                    min_gain,
                    cohort,
                    when,
                    shares,
                    ramp,
                    state,
                    paused_on,
                    aborted_on,
                    returns,
                    include,
                    exclude,
                }
            },
        )
}

/// A fleet whose policy has no errors.
pub(crate) fn fleet() -> impl Strategy<Value = Fleet> {
    prop::collection::vec(hub(), 3..7)
        .prop_flat_map(|mut hubs| {
            // Some hub serves everybody, in each geography, so that most policies are valid.
            for (hub, geography) in hubs.iter_mut().zip(GEOGRAPHIES) {
                let weight = hub.weight.max(1);
                *hub = Hub {
                    pools: POOLS.to_vec(),
                    geography: Some(geography),
                    tenants: None,
                    weight,
                    ..hub.clone()
                };
            }
            let count = hubs.len();
            let latency = (0..LOCATIONS.len(), 0..REGIONS.len(), 1..200_u16);
            (
                Just(hubs),
                prop::collection::vec(tenant(count), TENANTS.len()),
                prop::collection::vec(rule(count), 0..6),
                prop::collection::vec(rollout(count), 0..4),
                prop::collection::vec(latency, 0..8),
                prop::collection::vec(row(count), 4),
            )
        })
        .prop_map(|(hubs, tenants, rules, rollouts, mut latency, rows)| {
            latency.sort_unstable();
            latency.dedup_by_key(|(location, region, _)| (*location, *region));
            Fleet {
                hubs,
                tenants,
                rules,
                rollouts,
                latency,
                rows,
            }
        })
        .prop_filter("the policy has errors", |fleet| {
            Policy::read(&fleet.tables()).policy.is_some()
        })
}
