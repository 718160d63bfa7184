//! The hubs of a policy, and sets of them.

use crate::names::Names;
use crate::wire::Text;

/// Most hubs a policy may have; DPS links at most 50 to one service, and a policy may serve a few.
pub(crate) const MAX_HUBS: usize = 256;

const WORDS: usize = MAX_HUBS / 64;

/// A hub of the policy: its position in host-name order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct HubIndex(u8);

impl HubIndex {
    /// The hub at that position, if a policy can have one there.
    pub(crate) fn new(position: usize) -> Option<Self> {
        u8::try_from(position).ok().map(Self)
    }

    /// The position in host-name order.
    pub(crate) fn position(self) -> usize {
        usize::from(self.0)
    }
}

/// A set of hubs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HubSet([u64; WORDS]);

impl HubSet {
    pub(crate) fn insert(&mut self, hub: HubIndex) {
        if let Some(word) = self.0.get_mut(hub.position() / 64) {
            *word |= 1 << (hub.position() % 64);
        }
    }

    pub(crate) fn contains(&self, hub: HubIndex) -> bool {
        self.0
            .get(hub.position() / 64)
            .is_some_and(|word| word >> (hub.position() % 64) & 1 == 1)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0 == [0; WORDS]
    }

    /// The hubs that are in both.
    pub(crate) fn and(self, other: Self) -> Self {
        let [a, b, c, d] = self.0;
        let [w, x, y, z] = other.0;
        Self([a & w, b & x, c & y, d & z])
    }

    /// The hubs that are not in the other.
    pub(crate) fn without(self, other: Self) -> Self {
        let [a, b, c, d] = self.0;
        let [w, x, y, z] = other.0;
        Self([a & !w, b & !x, c & !y, d & !z])
    }

    /// The hubs that are in one of them.
    pub(crate) fn or(self, other: Self) -> Self {
        let [a, b, c, d] = self.0;
        let [w, x, y, z] = other.0;
        Self([a | w, b | x, c | y, d | z])
    }

    /// The hubs in host-name order.
    pub(crate) fn iter(self) -> impl Iterator<Item = HubIndex> {
        let mut words = self.0.into_iter().enumerate();
        let mut current = words.next();
        std::iter::from_fn(move || {
            loop {
                let (number, word) = current.as_mut()?;
                if *word == 0 {
                    current = words.next();
                    continue;
                }
                let position = *number * 64 + word.trailing_zeros() as usize;
                *word &= *word - 1;
                return HubIndex::new(position);
            }
        })
    }
}

impl FromIterator<HubIndex> for HubSet {
    fn from_iter<I: IntoIterator<Item = HubIndex>>(hubs: I) -> Self {
        let mut set = Self::default();
        for hub in hubs {
            set.insert(hub);
        }
        set
    }
}

/// Whether a hub takes devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HubState {
    /// Takes newcomers and keeps its devices.
    Open,
    /// Keeps its devices, takes no newcomers.
    Draining,
    /// Takes and keeps nobody.
    Closed,
}

/// One row of the `hubs` table.
#[derive(Clone, Debug)]
pub(crate) struct Hub {
    /// [`crate::weight::hub_hash`] of the host name.
    pub(crate) hash: u64,
    pub(crate) weight: u16,
    pub(crate) tier: u16,
    pub(crate) state: HubState,
    /// Number of the region among the policy's regions.
    pub(crate) region: Option<u16>,
    pub(crate) geography: Option<Box<str>>,
    pub(crate) twin: Option<u32>,
}

/// All hubs, in host-name order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hubs {
    pub(crate) hosts: Names,
    pub(crate) hubs: Vec<Hub>,
    pub(crate) open: HubSet,
    pub(crate) closed: HubSet,
}

impl Hubs {
    /// The hub of that host name, which must be in lower case.
    pub(crate) fn find(&self, host: &str) -> Option<HubIndex> {
        HubIndex::new(self.hosts.number(host)? as usize)
    }

    /// The hub of that host name in any spelling.
    fn find_any_case(&self, host: &str) -> Option<HubIndex> {
        let mut folded = [0; 256];
        let folded = folded.get_mut(..host.len())?;
        for (to, from) in folded.iter_mut().zip(host.bytes()) {
            *to = from.to_ascii_lowercase();
        }
        self.find(std::str::from_utf8(folded).ok()?)
    }

    pub(crate) fn get(&self, hub: HubIndex) -> Option<&Hub> {
        self.hubs.get(hub.position())
    }

    /// The host name in lower case.
    pub(crate) fn host(&self, hub: HubIndex) -> &str {
        self.hosts.text(u32::from(hub.0))
    }

    /// Every hub.
    pub(crate) fn all(&self) -> HubSet {
        (0..self.hubs.len()).filter_map(HubIndex::new).collect()
    }

    /// The hubs for which something holds.
    pub(crate) fn matching(&self, holds: impl Fn(&Hub) -> bool) -> HubSet {
        let holding = self.hubs.iter().enumerate().filter(|(_, hub)| holds(hub));
        holding
            .filter_map(|(position, _)| HubIndex::new(position))
            .collect()
    }

    /// Finds the hubs that a request offers.
    pub(crate) fn link<'a>(&self, spelled: &'a [Text<'a>], current: Option<&str>) -> Linked<'a> {
        let mut linked = Linked {
            set: HubSet::default(),
            current: current.and_then(|host| self.find_any_case(host)),
            positions: [0; MAX_HUBS],
            spelled,
        };
        for (position, host) in spelled.iter().enumerate() {
            let Some(hub) = self.find_any_case(host) else {
                continue;
            };
            linked.set.insert(hub);
            if let Some(slot) = linked.positions.get_mut(hub.position()) {
                *slot = u16::try_from(position).unwrap_or(u16::MAX);
            }
        }
        linked
    }
}

/// The hubs that a request offers, as hubs of the policy.
#[derive(Debug)]
pub(crate) struct Linked<'a> {
    pub(crate) set: HubSet,
    /// The current hub, where the policy knows it.
    pub(crate) current: Option<HubIndex>,
    positions: [u16; MAX_HUBS],
    spelled: &'a [Text<'a>],
}

impl<'a> Linked<'a> {
    /// The host name as the request spells it.
    pub(crate) fn spelling(&self, hub: HubIndex) -> &'a str {
        let position = self
            .positions
            .get(hub.position())
            .copied()
            .unwrap_or_default();
        self.spelled
            .get(usize::from(position))
            .map(|text| &**text)
            .unwrap_or_default()
    }
}
