//! The shares of rollouts that select some devices and not others.

use std::collections::{BTreeMap, BTreeSet};

use dps_allocation::bucket::BucketSalt;
use dps_allocation::tables::Column;
use jiff::Timestamp;

use crate::prove::side::Side;

/// The shares of some rollouts at a moment.
pub(super) struct Shares {
    /// By each salt the shares that end somewhere between none and all.
    by_salt: Vec<(BucketSalt, Vec<u32>)>,
    /// The rollouts, for messages.
    pub(super) names: BTreeSet<String>,
}

/// Which of the shares have a device in them: for each salt, how many have not.
pub(super) type Taken = Vec<usize>;

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

    /// How many ways there are to be in some shares and not in others; shares of one salt contain
    /// each other.
    pub(super) fn count(&self) -> usize {
        let ways = self.by_salt.iter().map(|(_, units)| units.len() + 1);
        ways.fold(1, usize::saturating_mul)
    }

    pub(super) fn taken(&self, id: &str) -> Taken {
        let by_salt = self.by_salt.iter();
        by_salt
            .map(|(salt, units)| {
                let bucket = salt.bucket(id).number();
                units.iter().filter(|units| **units <= bucket).count()
            })
            .collect()
    }
}
