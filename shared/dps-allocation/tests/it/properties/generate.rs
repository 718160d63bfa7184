//! Policies and registrations of every kind, small enough that everything meets.

use dps_allocation::Policy;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

pub(crate) const POOLS: [&str; 2] = ["red", "blue"];
pub(crate) const GEOGRAPHIES: [&str; 2] = ["eu", "us"];
pub(crate) const REGIONS: [&str; 4] = ["westeurope", "eastus", "southeastasia", "moonbase"];
pub(crate) const LOCATIONS: [&str; 4] = ["berlin", "boston", "52.4,4.9", "atlantis"];
pub(crate) const TENANTS: [&str; 3] = ["acme", "beta", "corp"];
pub(crate) const DAYS: u32 = 8;

#[derive(Clone, Debug)]
pub(crate) struct Hub {
    pub(crate) pools: Vec<&'static str>,
    pub(crate) geography: Option<&'static str>,
    /// None: any.
    pub(crate) tenants: Option<Vec<&'static str>>,
    pub(crate) region: Option<&'static str>,
    pub(crate) weight: u16,
    pub(crate) tier: u16,
    pub(crate) state: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) pools: Option<&'static str>,
    pub(crate) residency: Option<&'static str>,
    pub(crate) placement: &'static str,
    pub(crate) tolerance: u16,
    pub(crate) without_location: &'static str,
    pub(crate) on_reprovision: &'static str,
    pub(crate) salt: &'static str,
}

/// A rule; `when` is the value that `payload.k` must have, `unless` the one that it must not have.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) scope: &'static str,
    pub(crate) also: bool,
    pub(crate) when: Option<u8>,
    pub(crate) unless: Option<u8>,
    pub(crate) pools: Option<&'static str>,
    /// Of these, it fixes the first that can be used.
    pub(crate) hubs: Vec<usize>,
    pub(crate) placement: Option<&'static str>,
    pub(crate) refuse: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Rollout {
    pub(crate) scope: &'static str,
    pub(crate) from: Option<usize>,
    /// None of them: it only adds a twin.
    pub(crate) to: Vec<usize>,
    pub(crate) anew: bool,
    pub(crate) min_gain: Option<u16>,
    pub(crate) cohort: &'static str,
    /// Shares in hundred-thousandths, one a day from the first of December 2026 on.
    pub(crate) shares: Vec<u32>,
    pub(crate) ramp: &'static str,
    pub(crate) state: &'static str,
    pub(crate) paused_on: u32,
    pub(crate) aborted_on: Option<u32>,
    pub(crate) returns: bool,
    pub(crate) include: Option<&'static str>,
    pub(crate) exclude: Option<&'static str>,
}

/// Everything of a policy but expressions that read more than one member.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    pub(crate) hubs: Vec<Hub>,
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) rollouts: Vec<Rollout>,
    /// By location and region.
    pub(crate) latency: Vec<(usize, usize, u16)>,
    /// The hub that the row of each of the first devices names.
    pub(crate) device_hubs: Vec<Option<usize>>,
}

pub(crate) fn host(hub: usize) -> String {
    format!("hub-{hub}.azure-devices.net")
}

/// The id of one of the devices that have a row, or of one that has none.
pub(crate) fn device(number: usize) -> String {
    format!("device-{number}")
}

fn hub() -> impl Strategy<Value = Hub> {
    (
        subsequence(&POOLS[..], 0..=2),
        prop::option::of(select(&GEOGRAPHIES[..])),
        prop::option::weighted(0.3, subsequence(&TENANTS[..], 1..=2)),
        prop::option::of(select(&REGIONS[..])),
        0..4_u16,
        0..2_u16,
        select(&["open", "open", "open", "draining", "closed"][..]),
    )
        .prop_map(
            |(pools, geography, tenants, region, weight, tier, state)| Hub {
                pools,
                geography,
                tenants,
                region,
                weight,
                tier,
                state,
            },
        )
}

fn tenant() -> impl Strategy<Value = Tenant> {
    (
        prop::option::of(select(&POOLS[..])),
        prop::option::of(select(&GEOGRAPHIES[..])),
        select(&["latency", "latency", "weighted", "static"][..]),
        select(&[0, 10, 100][..]),
        select(&["weighted", "weighted", "refuse"][..]),
        select(&["stay", "stay", "replace"][..]),
        select(&["", "pepper"][..]),
    )
        .prop_map(
            |(pools, residency, placement, tolerance, without_location, on_reprovision, salt)| {
                Tenant {
                    pools,
                    residency,
                    placement,
                    tolerance,
                    without_location,
                    on_reprovision,
                    salt,
                }
            },
        )
}

fn scope() -> impl Strategy<Value = &'static str> {
    select(&["*", "acme", "acme", "beta"][..])
}

fn rule(hubs: usize) -> impl Strategy<Value = Rule> {
    (
        (scope(), prop::bool::weighted(0.3)),
        prop::option::weighted(0.8, 0..3_u8),
        prop::option::weighted(0.2, 0..3_u8),
        prop::option::weighted(0.3, select(&POOLS[..])),
        prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(0..hubs, 1..4)],
        prop::option::weighted(0.3, select(&["latency", "weighted", "static"][..])),
        prop::bool::weighted(0.1),
    )
        .prop_map(
            |((scope, also), when, unless, pools, hubs, placement, refuse)| Rule {
                scope,
                also,
                when,
                unless,
                pools,
                hubs: if also { Vec::new() } else { hubs },
                placement: placement.filter(|_| !also),
                refuse,
            },
        )
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
        select(&["new", "existing", "all"][..]),
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
                cohort,
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
                prop::collection::vec(tenant(), TENANTS.len()),
                prop::collection::vec(rule(count), 0..6),
                prop::collection::vec(rollout(count), 0..4),
                prop::collection::vec(latency, 0..8),
                prop::collection::vec(prop::option::weighted(0.3, 0..count), 4),
            )
        })
        .prop_map(
            |(hubs, tenants, rules, rollouts, mut latency, device_hubs)| {
                latency.sort_unstable();
                latency.dedup_by_key(|(location, region, _)| (*location, *region));
                Fleet {
                    hubs,
                    tenants,
                    rules,
                    rollouts,
                    latency,
                    device_hubs,
                }
            },
        )
        .prop_filter("the policy has errors", |fleet| {
            Policy::read(&fleet.tables()).policy.is_some()
        })
}
