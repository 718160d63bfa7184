//! Weighted rendezvous: which of several hubs a device belongs to, by hash and weight.
//!
//! Each hub draws a number from the exponential distribution, `-log2(hash)`, and the least
//! number per weight wins. Shares follow the weights, and when a hub is added, removed or changes its
//! weight only the devices move that have to. Integers throughout: the pick is the same on every
//! platform. The algorithm is a published contract, see `vectors/hashing.json`.

use std::cmp::Ordering;

use super::keyed::KeyedHash;

mod log;

/// Separates this key from all others; changing it changes the placement of every new device.
const PLACEMENT_LABEL: &str = "dps-allocator placement v1\0";
/// The same for every tenant, so that the hash of a hub is computed once.
const HUB_LABEL: &str = "dps-allocator hub v1\0";

/// The salt of a tenant's placement, as the key of its hash.
#[derive(Debug, Clone, Copy)]
pub struct PlacementSalt(KeyedHash);

/// A hub that may be picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// [`hub_hash`] of its classic host name.
    pub hub_hash: u64,
    /// Its share relative to the others, 0 to 1000.
    pub weight: u16,
    /// Its position in the order of host names, which decides a tie.
    pub order: u16,
}

impl PlacementSalt {
    /// Derives the key from the tenant's salt; the empty salt is the published default.
    #[must_use]
    pub fn new(salt: &str) -> Self {
        Self(KeyedHash::new(PLACEMENT_LABEL, salt))
    }

    /// The hash of a registration id, which the caller passes in lower case.
    #[must_use]
    pub fn hash(&self, id: &str) -> u64 {
        self.0.hash(id)
    }
}

/// The hash of a hub's classic host name ([`crate::HubName::as_str`]), to be computed once.
#[must_use]
pub fn hub_hash(host: &str) -> u64 {
    KeyedHash::new(HUB_LABEL, "").hash(host)
}

/// The candidate a device with this hash belongs to; none if there are no candidates.
///
/// A candidate of weight 0 is picked only if all have weight 0, and then all count as equal.
/// The order of the iterator does not matter.
#[must_use]
pub fn pick(id_hash: u64, candidates: impl Iterator<Item = Candidate>) -> Option<Candidate> {
    candidates
        .map(|candidate| Bid::new(id_hash, candidate))
        .min_by(Bid::rank)
        .map(|bid| bid.candidate)
}

struct Bid {
    candidate: Candidate,
    /// Below 2^39, so that its product with a weight stays far inside 64 bits.
    distance: u64,
    weight: u64,
}

impl Bid {
    fn new(id_hash: u64, candidate: Candidate) -> Self {
        Self {
            candidate,
            distance: log::negative_log2(mix(id_hash ^ candidate.hub_hash)),
            weight: u64::from(candidate.weight.max(1)),
        }
    }

    /// Least `distance / weight` first, by cross multiplication.
    fn rank(&self, other: &Self) -> Ordering {
        let (left, right) = (&self.candidate, &other.candidate);
        (left.weight == 0)
            .cmp(&(right.weight == 0))
            .then_with(|| (self.distance * other.weight).cmp(&(other.distance * self.weight)))
            .then_with(|| left.order.cmp(&right.order))
    }
}

/// The finaliser of `MurmurHash3_x64_128`, `fmix64`.
///
/// Source: <https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp>
fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}
