//! How many devices there are, and the first of them.

use serde::Serialize;

/// How many devices there are, and the first of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ids {
    /// How many there are.
    pub devices: u64,
    /// The ids of the first ones, in the order of the fleet.
    #[serde(rename = "suchAs", serialize_with = "ids")]
    first: Vec<(u64, Box<str>)>,
}

/// Devices that are named.
const NAMED: usize = 3;

impl Ids {
    pub(crate) fn add(&mut self, order: u64, id: &str) {
        self.devices += 1;
        if self.first.len() < NAMED {
            // There may be many of these: one that grows by itself holds room for a fourth.
            self.first.reserve_exact(1);
            self.first.push((order, id.into()));
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.devices += other.devices;
        if self.first.is_empty() {
            self.first = other.first;
            return;
        }
        self.first.extend(other.first);
        self.first.sort();
        self.first.truncate(NAMED);
        self.first.shrink_to_fit();
    }

    /// The ids of the first ones, in the order of the fleet.
    pub fn such_as(&self) -> impl Iterator<Item = &str> {
        self.first.iter().map(|(_, id)| &**id)
    }
}

fn ids<S: serde::Serializer>(first: &[(u64, Box<str>)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(first.iter().map(|(_, id)| id))
}
