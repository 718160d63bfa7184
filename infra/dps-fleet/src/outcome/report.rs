//! Counts what a log says, and compares it with a prediction.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::assumption::Assumption;
use super::devices::Devices;
use super::line::{Decided, Line, Other};
use super::model::{Compared, ComparedFlow, ComparedLoad, Contradicted, Outcome};
use super::question::Question;
use crate::fleet::Faults;
use crate::flow::{Destination, Kind, Route};
use crate::prediction::Prediction;

/// What a log has said so far.
#[derive(Debug, Default)]
pub struct Followed {
    pub(super) devices: Devices,
    pub(super) interrupted: bool,
    hides_ids: bool,
    decisions: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    contradicted: BTreeMap<Assumption, u64>,
    other_revisions: u64,
    unanswered: u64,
    other_lines: u64,
    faults: Faults,
}

impl Followed {
    pub(super) fn other_lines(&mut self, lines: u64) {
        self.other_lines += lines;
    }

    pub(super) fn add(&mut self, line: Line) {
        match line {
            Line::Decision(decided) => self.decision(decided),
            Line::Other(Other::Revision) => self.other_revisions += 1,
            Line::Other(Other::Unanswered) => self.unanswered += 1,
            Line::Other(Other::NoDecision) => self.other_lines += 1,
            Line::Fault(fault) => self.faults.add(self.faults.count, fault),
        }
    }

    fn decision(&mut self, decided: Decided) {
        let at = decided.at;
        self.decisions += 1;
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = self.last.max(Some(at));
        self.hides_ids |= decided.is_hidden;
        for assumption in decided.contradicts {
            *self.contradicted.entry(assumption).or_default() += 1;
        }
        self.devices.add(decided.device, at, decided.route);
    }

    /// Whether the log holds hashes in place of ids.
    #[must_use]
    pub fn hides_ids(&self) -> bool {
        self.hides_ids
    }

    /// Counts next to those that were predicted.
    #[must_use]
    pub fn outcome(&self, question: &Question<'_>) -> Outcome {
        let prediction = question.prediction;
        let registered = self.devices.len();
        let (mut seen, mut stayed) = (HashMap::new(), 0);
        for (route, devices) in self.devices.routes() {
            if route.stays() {
                stayed += devices;
            } else {
                seen.insert(route, devices);
            }
        }
        let load = load(prediction, &seen);
        let flows = flows(prediction, seen);
        let [moved, placed, refused] =
            [Kind::Moved, Kind::Placed, Kind::Refused].map(|kind| compared(&flows, kind));
        let contradicted = self
            .contradicted
            .iter()
            .map(|(assumed, decisions)| Contradicted {
                assumed: *assumed,
                decisions: *decisions,
            });
        Outcome {
            revision: question.revision.clone(),
            interrupted: self.interrupted,
            decisions: self.decisions,
            first: self.first,
            last: self.last,
            devices: prediction.summary.devices,
            registered,
            not_registered: prediction.summary.devices.saturating_sub(registered),
            stayed,
            moved,
            refused,
            placed,
            flows,
            load,
            contradicted: contradicted.collect(),
            other_revisions: self.other_revisions,
            unanswered: self.unanswered,
            untold: self.devices.untold,
            fault_count: self.faults.count,
            faults: self.faults.first(),
            other_lines: self.other_lines,
        }
    }
}

/// Both by their routes.
fn flows(prediction: &Prediction, mut seen: HashMap<Route, u64>) -> Vec<ComparedFlow> {
    let predicted = prediction.flows.iter().map(|flow| ComparedFlow {
        route: flow.route.clone(),
        predicted: flow.devices,
        seen: seen.remove(&flow.route).unwrap_or_default(),
    });
    let mut flows: Vec<ComparedFlow> = predicted.collect();
    flows.extend(seen.into_iter().map(|(route, seen)| ComparedFlow {
        route,
        predicted: 0,
        seen,
    }));
    flows.sort_by(|a, b| {
        let most = |it: &ComparedFlow| Reverse(it.predicted.max(it.seen));
        (most(a), &a.route).cmp(&(most(b), &b.route))
    });
    flows
}

fn compared(flows: &[ComparedFlow], kind: Kind) -> Compared {
    let mut all = Compared::default();
    for flow in flows.iter().filter(|it| it.route.kind() == kind) {
        all.predicted += flow.predicted;
        all.seen += flow.seen;
        all.as_predicted += flow.seen.min(flow.predicted);
        all.not_predicted += flow.seen.saturating_sub(flow.predicted);
    }
    all
}

fn load(prediction: &Prediction, seen: &HashMap<Route, u64>) -> Vec<ComparedLoad> {
    let mut came: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for (route, devices) in seen {
        if let Some(from) = &route.from {
            came.entry(from).or_default()[1] += devices;
        }
        if let Destination::Hub(to) = &route.to {
            came.entry(to).or_default()[0] += devices;
        }
    }
    let mut known: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for it in &prediction.load {
        known.insert(&it.hub, [it.now, it.after]);
        came.entry(&it.hub).or_default();
    }
    let load = came.into_iter().map(|(hub, [came, left])| {
        let [then, predicted] = known.get(hub).copied().unwrap_or_default();
        ComparedLoad {
            hub: hub.to_owned(),
            then,
            predicted,
            seen: (then + came).saturating_sub(left),
        }
    });
    load.collect()
}
