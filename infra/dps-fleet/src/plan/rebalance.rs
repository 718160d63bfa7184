//! Other weights, and the least number of devices that has to move for them.

use std::collections::BTreeMap;

use dps_allocation::Policy;
use dps_allocation::bucket::Share;
use dps_allocation::tables::{Canonical, Column, TableName};
use jiff::Timestamp;

use super::error::PlanError;
use super::model::Plan;
use super::names::{hub, label, scope, unused};
use super::rows::{day, keepers, movement, rollout};
use super::tenants;
use crate::edit::RowEdit;
use crate::rollout::{Schedule, full};

/// `rebalance`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebalance {
    /// Of which tenant; `None`: of all.
    pub tenant: Option<String>,
    /// The hubs, and the weights that they get.
    pub weights: Vec<(String, u16)>,
    /// How many devices each has; `None`: as the weights of the tables place them.
    pub loads: Option<BTreeMap<String, u64>>,
    /// When which share of the moves.
    pub schedule: Schedule,
    /// Id of the new rollouts, to which the hubs are added; `None`: the date.
    pub id: Option<String>,
}

/// A hub with what it has and what it should have, in parts of the same whole.
struct Side {
    hub: String,
    /// What it has.
    has: u128,
    /// What it has too much, or lacks.
    excess: i128,
}

impl Rebalance {
    /// The weights, and for each pair of hubs a rollout from the one that has too much to the one
    /// that lacks.
    ///
    /// No hub both gives and gets devices and no device moves twice, so no other way to the same
    /// loads moves fewer. The rows of a hub have one salt and rising shares: which device goes
    /// where does not depend on when it registers. At each step the hubs are between what they had
    /// and what they are to have, so one can stop there.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn plan(
        &self,
        policy: &Policy,
        tables: &Canonical,
        begins: Timestamp,
    ) -> Result<Plan, PlanError> {
        let scope = scope(tables, self.tenant.as_deref())?;
        let mut weights = Vec::new();
        for (word, weight) in &self.weights {
            weights.push((hub(tables, word)?, *weight));
        }
        if weights.len() < 2 {
            return Err(PlanError::TooFew(weights.len()));
        }
        let hubs: Vec<String> = weights.iter().map(|(hub, _)| hub.clone()).collect();
        let mut notes = tenants::check(policy, tables, &scope, &hubs)?;
        let sides = self.sides(tables, &weights)?;
        let keeps_weight =
            |(side, (_, weight)): (&Side, &(String, u16))| side.excess >= 0 && *weight > 0;
        let has_weight = |hub: &str| weight(tables, hub) > 0;
        if !sides.iter().zip(&weights).any(keeps_weight)
            && !tenants::have_others(policy, tables, &scope, &hubs, has_weight)
        {
            return Err(PlanError::OnlyTargets);
        }
        let flows = flows(&sides);
        let edits = weights.iter().filter_map(|it| weight_edit(tables, it));
        let mut edits: Vec<RowEdit> = edits.collect();
        if flows.is_empty() && edits.is_empty() {
            return Err(PlanError::Balanced);
        }
        let name = self.id.clone();
        let name = name.unwrap_or_else(|| format!("{}-rebalance", day(begins)));
        for (giver, gets) in flows {
            let salt = format!("{name}-{}", label(&giver.hub));
            let total: u128 = gets.iter().map(|(_, part)| part).sum();
            let all = share(total, giver.has);
            let mut sum = 0;
            for (number, (taker, part)) in (1..).zip(gets) {
                sum += part;
                let id = format!("{salt}-{number:02}-{}", label(taker));
                let id = unused(tables, &scope, id)?;
                notes.extend(keepers(
                    policy,
                    &scope,
                    &id,
                    std::slice::from_ref(&giver.hub),
                ));
                // The first rows reach their share before the later ones take over.
                let steps = self.schedule.cells(begins, all, share(sum, giver.has))?;
                let mut cells = movement(giver.hub.clone(), taker.to_owned(), steps);
                cells.push((Column::Salt.as_str(), salt.clone()));
                edits.push(rollout(&scope, id, cells));
            }
        }
        notes.dedup();
        Ok(Plan {
            edits,
            notes,
            ends: self.schedule.ends(begins)?,
        })
    }

    fn sides(&self, tables: &Canonical, weights: &[(String, u16)]) -> Result<Vec<Side>, PlanError> {
        let mut has: Vec<u128> = Vec::new();
        for (key, _) in weights {
            has.push(match &self.loads {
                None => u128::from(weight(tables, key)),
                Some(loads) => {
                    let of = |(word, load): (&String, &u64)| {
                        let same = hub(tables, word).is_ok_and(|it| it == *key);
                        same.then_some(u128::from(*load))
                    };
                    let load = loads.iter().find_map(of);
                    load.ok_or_else(|| PlanError::NoLoad(label(key).to_owned()))?
                }
            });
        }
        let all: u128 = has.iter().sum();
        let whole: u128 = weights.iter().map(|(_, weight)| u128::from(*weight)).sum();
        if whole == 0 {
            return Err(PlanError::NoWeight);
        }
        // In parts of 1 / (all * whole), so that nothing is rounded.
        let sides = weights.iter().zip(has).map(|((hub, weight), has)| Side {
            hub: hub.clone(),
            has: has * whole,
            excess: signed(has * whole) - signed(u128::from(*weight) * all),
        });
        Ok(sides.collect())
    }
}

fn signed(part: u128) -> i128 {
    i128::try_from(part).unwrap_or(i128::MAX)
}

/// Who gives how much to whom: each giver in turn, to those that lack, in turn.
fn flows(sides: &[Side]) -> Vec<(&Side, Vec<(&str, u128)>)> {
    let lacking = sides.iter().filter(|side| side.excess < 0);
    let mut takers: Vec<(&str, u128)> = lacking
        .map(|side| (&*side.hub, side.excess.unsigned_abs()))
        .collect();
    let mut flows = Vec::new();
    for giver in sides.iter().filter(|side| side.excess > 0) {
        let mut left = giver.excess.unsigned_abs();
        let mut gets = Vec::new();
        for (taker, lacks) in &mut takers {
            let part = left.min(*lacks);
            if part > 0 {
                gets.push((*taker, part));
                left -= part;
                *lacks -= part;
            }
        }
        flows.push((giver, gets));
    }
    flows
}

/// A part of what a hub has, rounded to the nearest share.
fn share(part: u128, of: u128) -> Share {
    let units = (part * 200_000 / of.max(1)).div_ceil(2);
    let units = u32::try_from(units).unwrap_or(u32::MAX);
    Share::from_units(units.min(full().units())).unwrap_or_default()
}

fn weight(tables: &Canonical, hub: &str) -> u16 {
    let row = tables.find(TableName::Hubs, "hub", hub);
    let weight = row.and_then(|row| row.get(Column::Weight));
    weight.and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn weight_edit(tables: &Canonical, (hub, wanted): &(String, u16)) -> Option<RowEdit> {
    (weight(tables, hub) != *wanted).then(|| RowEdit {
        table: TableName::Hubs,
        partition: "hub".to_owned(),
        row: hub.clone(),
        new: false,
        cells: vec![(Column::Weight.as_str(), wanted.to_string())],
    })
}
