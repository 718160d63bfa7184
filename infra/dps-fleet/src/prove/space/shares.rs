//! The shares of rollouts that select some devices and not others.

use std::collections::{BTreeMap, BTreeSet};

use dps_allocation::bucket::BucketSalt;
use dps_allocation::tables::Column;
use jiff::Timestamp;

use crate::prove::side::Side;

/// The shares of some rollouts at a moment.
pub(super) struct Shares {
    /// For each salt, the shares between none and all, in units of 0.001 %.
    by_salt: Vec<(BucketSalt, Vec<u32>)>,
    /// The rollouts, for messages.
    pub(super) names: BTreeSet<String>,
}

/// For each salt, how many of its shares do not select a device.
pub(super) type Combination = Vec<usize>;

impl Shares {
    pub(super) fn of(sides: &[Side<'_>], tenants: &BTreeSet<String>, at: Timestamp) -> Self {
        let mut by_salt: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for (rollout, row) in sides.iter().flat_map(|side| side.rollouts_for(tenants)) {
            let salt = row.get(Column::Salt).unwrap_or(rollout.id());
            let units = rollout.share(at).units();
            if (1..100_000).contains(&units) {
                by_salt.entry(salt.to_owned()).or_default().insert(units);
                names.insert(format!("{}/{}", rollout.scope(), rollout.id()));
            }
        }
        let by_salt = by_salt.into_iter();
        let by_salt =
            by_salt.map(|(salt, units)| (BucketSalt::new(&salt), units.into_iter().collect()));
        Self {
            by_salt: by_salt.collect(),
            names,
        }
    }

    /// How many combinations there are. Of two shares with one salt, one contains the other.
    pub(super) fn count(&self) -> usize {
        let counts = self.by_salt.iter().map(|(_, units)| units.len() + 1);
        counts.fold(1, usize::saturating_mul)
    }

    pub(super) fn combination(&self, id: &str) -> Combination {
        let by_salt = self.by_salt.iter();
        by_salt
            .map(|(salt, units)| {
                let bucket = salt.bucket(id).number();
                units.iter().filter(|units| **units <= bucket).count()
            })
            .collect()
    }
}
