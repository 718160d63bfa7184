//! Counts what a change does, in memory that depends on the tables alone.

mod count;
mod flows;
mod least;
mod merge;
mod place;

use std::collections::{BTreeMap, HashMap};

use dps_allocation::{Assignment, Decision, Verdict};

use super::change::{Change, Changed, Effect};
use super::judge::Judged;
use super::names::Names;
use super::pair::Pair;
use super::places::leaves_residency;
use super::report::Summary;
use crate::fleet::{Faults, LineFault};
use crate::ids::Ids;
use crate::rows;
pub(super) use flows::{FlowKey, Flows};
pub(super) use least::Loads;
pub(super) use place::Place;

/// Devices that change alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct GroupKey {
    pub(super) change: Change,
    /// The number of a tenant, if it is known.
    pub(super) tenant: Option<u32>,
    pub(super) from: Place,
    pub(super) to: Place,
    /// The number of the row that decides after the change.
    pub(super) row: Option<u32>,
    pub(super) reason: &'static str,
}

/// Why the hub before is not the hub after, of the first device of which that was asked.
#[derive(Clone, Debug)]
pub(super) struct Why {
    pub(super) order: u64,
    pub(super) verdict: Verdict,
    pub(super) because: String,
}

/// What a change does to the devices so far.
#[derive(Debug)]
pub(crate) struct Tally {
    /// What is counted device by device; the rest is 0 until the report is made.
    pub(super) counts: Summary,
    pub(super) faults: Faults,
    pub(super) repeated: Ids,
    pub(super) undecided: BTreeMap<String, Ids>,
    pub(super) groups: HashMap<GroupKey, Ids>,
    pub(super) whys: HashMap<(Place, Option<u32>), Why>,
    pub(super) across_residency: Ids,
    /// Devices whose initial twin or reply differs, by the number of the tenant.
    pub(super) twins: HashMap<u32, Ids>,
    pub(super) loads: Loads,
    pub(super) flows: Flows,
    pub(super) hubs: Names,
    pub(super) tenants: Names,
    pub(super) rows: Names,
}

impl Tally {
    /// Nothing yet.
    pub(super) fn new(pair: &Pair<'_>) -> Self {
        Self {
            counts: Summary::default(),
            faults: Faults::default(),
            repeated: Ids::default(),
            undecided: BTreeMap::new(),
            groups: HashMap::new(),
            whys: HashMap::new(),
            across_residency: Ids::default(),
            twins: HashMap::new(),
            loads: Loads::default(),
            flows: Flows::default(),
            hubs: Names::of(pair.premises.hosts.iter().map(String::as_str)),
            tenants: Names::default(),
            rows: Names::default(),
        }
    }

    pub(super) fn fault(&mut self, order: u64, fault: LineFault) {
        self.faults.add(order, fault);
    }

    pub(super) fn undecided(&mut self, asked: String, order: u64, id: &str) {
        self.counts.undecidable += 1;
        self.undecided.entry(asked).or_default().add(order, id);
    }

    /// Counts a device; returns what happens to it, if anything does.
    pub(super) fn judged(
        &mut self,
        pair: &Pair<'_>,
        order: u64,
        judged: &Judged<'_>,
    ) -> Option<Changed> {
        for decision in [&judged.from, &judged.to] {
            if let Decision::Unavailable(cause) = decision {
                self.undecided(unavailable(cause.as_str()), order, judged.id);
                return None;
            }
        }
        let now = judged.now.as_deref().map(|host| self.hub(pair, host));
        let place = |tally: &mut Self, decision: &Decision<'_>| match decision {
            Decision::Assigned(it) => Some(Place::Hub(tally.hub(pair, &it.hub_name))),
            Decision::Refused(refusal) => Some(Place::Reason(refusal.reason)),
            Decision::Unavailable(_) => None,
        };
        let (from, to) = (place(self, &judged.from)?, place(self, &judged.to)?);
        // As the log has it, which does not know the decision before the change.
        let logged = judged.to.tenant().map(|it| self.tenants.number(it));
        let before = || judged.from.tenant().map(|it| self.tenants.number(it));
        let number = logged.or_else(before);
        self.loads.add(number, now, from, to);
        if let (Some(now), Place::Hub(hub)) = (now, from)
            && now != hub
        {
            self.counts.under_way += 1;
        }
        if let (Decision::Assigned(before), Decision::Assigned(after)) = (&judged.from, &judged.to)
        {
            self.twin(judged, order, number, before, after);
        }
        let change = change(from, to);
        let route = FlowKey {
            tenant: logged,
            from: now,
            to,
        };
        self.flows.add(route, change.is_some());
        if let (Place::Reason(_), Place::Reason(_)) = (from, to) {
            self.counts.refused_before += 1;
        }
        Some(self.changed(pair, order, judged, change?, number, from, to))
    }

    #[expect(clippy::too_many_arguments, reason = "what `judged` has found out")]
    fn changed(
        &mut self,
        pair: &Pair<'_>,
        order: u64,
        judged: &Judged<'_>,
        change: Change,
        tenant: Option<u32>,
        from: Place,
        to: Place,
    ) -> Changed {
        let row = judged.row().map(|row| rows::name(&row));
        let row = row.map(|row| self.rows.number(&row));
        let key = GroupKey {
            change,
            tenant,
            from,
            to,
            row,
            reason: judged.to.reason(),
        };
        self.counts.add(change);
        self.groups.entry(key).or_default().add(order, judged.id);
        if change == Change::Moved {
            self.why(judged, order, from, row);
            if let (Place::Hub(left), Place::Hub(hub)) = (from, to) {
                let host = self.hubs.name(hub);
                let crosses = pair.geography(self.hubs.name(left)) != pair.geography(host);
                let tenant = tenant.map_or("", |tenant| self.tenants.name(tenant));
                if crosses && leaves_residency(pair, judged.id, tenant, judged.enrollment, host) {
                    self.across_residency.add(order, judged.id);
                }
            }
        }
        Changed {
            id: judged.id.to_owned(),
            effect: self.effect(&key),
        }
    }

    /// What happens to devices that change alike, by names.
    pub(super) fn effect(&self, key: &GroupKey) -> Effect {
        Effect {
            change: key.change,
            tenant: key.tenant.map(|it| self.tenants.name(it).to_owned()),
            from: self.place_name(key.from).to_owned(),
            to: self.place_name(key.to).to_owned(),
            reason: key.reason,
            row: key.row.map(|it| self.rows.name(it).to_owned()),
        }
    }

    /// Asks once for each hub that is left and row that decides why the hub is left.
    fn why(&mut self, judged: &Judged<'_>, order: u64, from: Place, row: Option<u32>) {
        let Place::Hub(hub) = from else { return };
        if self.whys.contains_key(&(from, row)) {
            return;
        }
        let host = self.hubs.name(hub);
        let explanation = judged.explain();
        let verdict = explanation.and_then(|it| it.hubs.into_iter().find(|it| it.hub == host));
        if let Some(verdict) = verdict {
            let (verdict, because) = (verdict.verdict, verdict.because);
            self.whys.insert(
                (from, row),
                Why {
                    order,
                    verdict,
                    because,
                },
            );
        }
    }

    fn twin(
        &mut self,
        judged: &Judged<'_>,
        order: u64,
        tenant: Option<u32>,
        before: &Assignment<'_>,
        after: &Assignment<'_>,
    ) {
        if !judged.twin_is_known {
            self.counts.twin_unknown += 1;
            return;
        }
        let twin = before.initial_twin != after.initial_twin;
        if twin || before.payload != after.payload {
            self.counts.twin_differs += 1;
            let applied = after.twin_effect.as_str().starts_with("applied");
            self.counts.twin_applied += u64::from(twin && applied);
            if let Some(tenant) = tenant {
                self.twins.entry(tenant).or_default().add(order, judged.id);
            }
        }
    }

    fn hub(&mut self, pair: &Pair<'_>, host: &str) -> u32 {
        pair.premises
            .position(host)
            .unwrap_or_else(|| self.hubs.number(host))
    }

    fn place_name(&self, place: Place) -> &str {
        match place {
            Place::Hub(hub) => self.hubs.name(hub),
            Place::Reason(reason) => reason.as_str(),
        }
    }
}

/// What happens to a device, if anything does.
fn change(from: Place, to: Place) -> Option<Change> {
    match (from, to) {
        (Place::Hub(from), Place::Hub(to)) => (from != to).then_some(Change::Moved),
        (Place::Hub(_), Place::Reason(_)) => Some(Change::Refused),
        (Place::Reason(_), Place::Hub(_)) => Some(Change::Accepted),
        (Place::Reason(_), Place::Reason(_)) => None,
    }
}

/// A decision that the webhook could not take either.
fn unavailable(cause: &str) -> String {
    format!("the device's row ({cause})")
}
