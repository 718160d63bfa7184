//! Policies and registrations of every kind, small enough that everything meets.

use dps_allocation::Policy;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::registration::Asked;

pub(crate) const POOLS: [&str; 2] = ["red", "blue"];
pub(crate) const GEOGRAPHIES: [&str; 2] = ["eu", "us"];
pub(crate) const REGIONS: [&str; 4] = ["westeurope", "eastus", "southeastasia", "moonbase"];
pub(crate) const LOCATIONS: [&str; 4] = ["berlin", "boston", "52.4,4.9", "atlantis"];
pub(crate) const TENANTS: [&str; 3] = ["acme", "beta", "corp"];
pub(crate) const GROUPS: [&str; 2] = ["house-1", "house-2"];
pub(crate) const DAYS: u32 = 8;

/// From the first of two days of December 2026 on, and until the other.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    pub(crate) begins: Option<u32>,
    pub(crate) ends: Option<u32>,
}

impl Window {
    fn contains(self, day: u32) -> bool {
        self.begins.is_none_or(|begins| begins <= day) && self.ends.is_none_or(|ends| day < ends)
    }
}

/// What a condition asks of payload, row or time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Condition {
    Payload(u8),
    Attribute(u8),
    Before(u32),
    From(u32),
}

impl Condition {
    pub(crate) fn source(self) -> String {
        match self {
            Self::Payload(k) => format!("payload.k == {k}"),
            Self::Attribute(k) => format!("device.attributes.k == {k}"),
            Self::Before(day) => format!("now < timestamp('2026-12-{day:02}')"),
            Self::From(day) => format!("now >= timestamp('2026-12-{day:02}')"),
        }
    }

    fn holds(self, asked: &Asked, row: Option<&Row>) -> bool {
        match self {
            Self::Payload(k) => asked.k == Some(k),
            Self::Attribute(k) => row.is_some_and(|row| row.k == Some(k)),
            Self::Before(day) => asked.day() < day,
            Self::From(day) => asked.day() >= day,
        }
    }
}

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
    /// Only of a draining hub.
    pub(crate) window: Window,
}

impl Hub {
    pub(crate) fn is_open(&self, day: u32) -> bool {
        self.state == "open" || (self.state == "draining" && !self.window.contains(day))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) pools: Option<&'static str>,
    pub(crate) residency: Option<&'static str>,
    /// Of its enrollment.
    pub(crate) narrowed: Option<&'static str>,
    pub(crate) placement: &'static str,
    /// Those that static placement lists.
    pub(crate) hubs: Vec<usize>,
    pub(crate) tolerance: u16,
    pub(crate) without_location: &'static str,
    pub(crate) on_reprovision: &'static str,
    pub(crate) salt: &'static str,
    /// Whether `payload.g` names the group of its devices.
    pub(crate) groups: bool,
    pub(crate) tells: bool,
}

/// What tells, such as a rule, adds a layer to the reply.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) scope: &'static str,
    pub(crate) mode: &'static str,
    pub(crate) when: Option<Condition>,
    pub(crate) unless: Option<Condition>,
    /// Only of a rule that does nothing but refuse, or add to the reply of others.
    pub(crate) window: Window,
    pub(crate) pools: Option<&'static str>,
    /// Of these, it fixes the first that can be used.
    pub(crate) hubs: Vec<usize>,
    /// Whether `payload.h` names a hub that comes before these.
    pub(crate) names: bool,
    pub(crate) placement: Option<&'static str>,
    pub(crate) refuse: bool,
    pub(crate) tells: bool,
}

impl Rule {
    pub(crate) fn matches(&self, asked: &Asked, row: Option<&Row>) -> bool {
        self.window.contains(asked.day())
            && self.when.is_none_or(|when| when.holds(asked, row))
            && self.unless.is_none_or(|unless| !unless.holds(asked, row))
    }
}

/// The row of a device.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Of these, it fixes the first that can be used.
    pub(crate) hubs: Vec<usize>,
    pub(crate) residency: Option<&'static str>,
    pub(crate) group: Option<&'static str>,
    /// `k` of the attributes.
    pub(crate) k: Option<u8>,
    pub(crate) tells: bool,
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
    pub(crate) when: Option<Condition>,
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
    /// Of the first devices.
    pub(crate) rows: Vec<Row>,
}

pub(crate) fn host(hub: usize) -> String {
    format!("hub-{hub}.azure-devices.net")
}

/// The id of one of the devices that have a row, or of one that has none.
pub(crate) fn device(number: usize) -> String {
    format!("device-{number}")
}

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
                (groups, tells),
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
                tells,
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
            |((scope, mode), when, unless, window, pools, leads, placement, refuse, tells)| {
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
                    tells,
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
        .prop_map(|(hubs, residency, group, k, tells)| Row {
            hubs,
            residency,
            group,
            k,
            tells,
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
