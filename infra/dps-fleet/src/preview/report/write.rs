//! From numbers to names.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::model::{
    Because, Group, HubLoad, Preview, Summary, TenantMoves, TwinsOfTenant, Undecided,
};
use crate::flow::{Destination, Flow, Route};
use crate::preview::change::{Change, Effect};
use crate::preview::pair::Pair;
use crate::preview::tally::{FlowKey, Place, Tally};

impl Preview {
    pub(crate) fn new(pair: &Pair<'_>, mut tally: Tally, interrupted: bool) -> Self {
        let moves = moves(pair, &tally);
        let groups = groups(&mut tally);
        let undecided = std::mem::take(&mut tally.undecided).into_iter();
        let mut undecided: Vec<Undecided> = undecided
            .map(|(asked, ids)| Undecided { asked, ids })
            .collect();
        undecided.sort_by_key(|it| Reverse(it.ids.devices));
        let twins = std::mem::take(&mut tally.twins).into_iter();
        let mut twins: Vec<TwinsOfTenant> = twins
            .map(|(tenant, ids)| TwinsOfTenant {
                tenant: tally.tenants.name(tenant).to_owned(),
                ids,
            })
            .collect();
        twins.sort_by(|a, b| (b.ids.devices, &a.tenant).cmp(&(a.ids.devices, &b.tenant)));
        Self {
            from: pair.from.tables_at(),
            to: pair.to.tables_at(),
            interrupted,
            summary: summary(&tally),
            groups,
            flows: flows(&tally),
            moves,
            load: load(pair, &tally),
            residency: tally.across_residency,
            twins,
            undecided,
            faults: tally.faults.first(),
            repeated: tally.repeated,
        }
    }
}

fn summary(tally: &Tally) -> Summary {
    Summary {
        least_moves: tally.loads.least_moves(),
        across_residency: tally.across_residency.devices,
        faults: tally.faults.count,
        repeated: tally.repeated.devices,
        ..tally.counts
    }
}

/// Takes the groups out, since their ids are most of what there is.
fn groups(tally: &mut Tally) -> Vec<Group> {
    let mut groups: Vec<Group> = std::mem::take(&mut tally.groups)
        .into_iter()
        .map(|(key, ids)| {
            let why = tally.whys.get(&(key.from, key.row));
            let why = why.filter(|_| key.change == Change::Moved);
            Group {
                effect: tally.effect(&key),
                because: why.map(|why| Because {
                    verdict: why.verdict,
                    text: why.because.clone(),
                }),
                ids,
            }
        })
        .collect();
    groups.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    groups
}

/// The largest first, of each kind of change; then by route and row.
fn sort_key(it: &Group) -> impl Ord {
    let Effect {
        change,
        tenant,
        from,
        to,
        reason,
        row,
    } = &it.effect;
    let size = Reverse(it.ids.devices);
    (change, size, (tenant, from, to), row, reason)
}

fn flows(tally: &Tally) -> Vec<Flow> {
    let hub = |number| tally.hubs.name(number).to_owned();
    let flow = |(key, [devices, by_change]): (FlowKey, [u64; 2])| Flow {
        route: Route {
            tenant: key.tenant.map(|it| tally.tenants.name(it).to_owned()),
            from: key.from.map(hub),
            to: match key.to {
                Place::Hub(number) => Destination::Hub(hub(number)),
                Place::Reason(reason) => Destination::Refused(reason.as_str().to_owned()),
            },
        },
        devices,
        by_change,
    };
    let mut flows: Vec<Flow> = tally.flows.iter().map(flow).collect();
    flows.sort_by(|a, b| (b.devices, &a.route).cmp(&(a.devices, &b.route)));
    flows
}

fn moves(pair: &Pair<'_>, tally: &Tally) -> Vec<TenantMoves> {
    let mut moves: BTreeMap<_, u64> = BTreeMap::new();
    for (key, ids) in &tally.groups {
        if let (Place::Hub(from), Place::Hub(to)) = (key.from, key.to) {
            let geography = |hub| pair.geography(tally.hubs.name(hub));
            let tenant = key.tenant.map(|it| tally.tenants.name(it));
            *moves
                .entry((tenant, geography(from), geography(to)))
                .or_default() += ids.devices;
        }
    }
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let moves = moves.into_iter();
    let mut moves: Vec<TenantMoves> = moves
        .map(|((tenant, from, to), devices)| TenantMoves {
            tenant: owned(tenant),
            from: owned(from),
            to: owned(to),
            devices,
        })
        .collect();
    moves.sort_by_key(|it| Reverse(it.devices));
    moves
}

fn load(pair: &Pair<'_>, tally: &Tally) -> Vec<HubLoad> {
    let known = pair.premises.hosts.len().max(tally.loads.len());
    let numbers = 0..u32::try_from(known).unwrap_or(u32::MAX);
    let mut load: Vec<HubLoad> = numbers
        .map(|number| {
            let hub = tally.hubs.name(number).to_owned();
            let [now, before, after] = tally.loads.of(number);
            let row = pair.hub(&hub).cloned().unwrap_or_default();
            HubLoad {
                weight: pair.to.hub(&hub).and_then(|row| row.weight),
                hub,
                geography: row.geography,
                region: row.region,
                state: row.state,
                now,
                before,
                after,
            }
        })
        .collect();
    load.sort_by(|a, b| a.hub.cmp(&b.hub));
    load
}
