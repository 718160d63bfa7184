//! The hubs of a policy, and sets of them.

use hashbrown::HashTable;

use crate::hub_name::HubName;
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
        self.combine(other, |one, other| one & other)
    }

    /// The hubs that are not in the other.
    pub(crate) fn without(self, other: Self) -> Self {
        self.combine(other, |one, other| one & !other)
    }

    /// The hubs that are in one of them.
    pub(crate) fn or(self, other: Self) -> Self {
        self.combine(other, |one, other| one | other)
    }

    fn combine(mut self, other: Self, combine: impl Fn(u64, u64) -> u64) -> Self {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word = combine(*word, other);
        }
        self
    }

    /// The hubs in host-name order.
    pub(crate) fn iter(self) -> impl Iterator<Item = HubIndex> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let (number, word) = (0..).zip(&mut left).find(|(_, word)| **word != 0)?;
            let bit = word.trailing_zeros();
            *word &= word.wrapping_sub(1);
            u8::try_from(64 * number + bit).ok().map(HubIndex)
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
    /// [`crate::weight::hub_hash`] of the classic host name.
    pub(crate) hash: u64,
    pub(crate) weight: u16,
    pub(crate) tier: u16,
    pub(crate) state: HubState,
    /// Number of the region among the policy's regions.
    pub(crate) region: Option<u16>,
    pub(crate) geography: Option<Box<str>>,
    /// Whether the hub is an MQTT v5 hub, not a classic one.
    pub(crate) is_mqtt_v5: bool,
    /// The namespace of Azure Device Registry that the hub belongs to.
    pub(crate) namespace: Option<Box<str>>,
    pub(crate) twin: Option<u32>,
}

/// A host name of a hub in lower case.
#[derive(Clone, Debug)]
struct Spelling {
    host: Box<str>,
    hub: HubIndex,
    /// Whether it is the one for newer TLS.
    is_device_name: bool,
}

/// All hubs, in the order of their classic host names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hubs {
    /// The classic host names.
    hosts: Vec<Box<str>>,
    /// Every host name by which a request may name a hub.
    spellings: Vec<Spelling>,
    /// Positions in `spellings`, so that finding a hub takes no host name apart.
    numbers: HashTable<u16>,
    pub(crate) rows: Vec<Hub>,
    /// Every hub.
    pub(crate) all: HubSet,
    pub(crate) open: HubSet,
    pub(crate) closed: HubSet,
    /// Those that only devices with MQTT v5 can use.
    pub(crate) mqtt_v5: HubSet,
    /// Those with a weight above 0.
    pub(crate) weighted: HubSet,
    /// The hubs of each tier, the lowest tier first.
    pub(crate) tiers: Vec<(u16, HubSet)>,
}

impl Hubs {
    /// Adds a hub; they come in order.
    ///
    /// None when the policy is full.
    pub(crate) fn add(&mut self, name: &HubName) -> Option<HubIndex> {
        let hub = HubIndex::new(self.hosts.len())?;
        self.hosts.push(name.as_str().into());
        self.all.insert(hub);
        self.spell(hub, name.as_str().into(), false);
        if let Some(device_name) = name.device_name() {
            self.spell(hub, device_name.into(), true);
        }
        Some(hub)
    }

    fn spell(&mut self, hub: HubIndex, host: Box<str>, is_device_name: bool) {
        let Ok(number) = u16::try_from(self.spellings.len()) else {
            // Twice as many as hubs at most.
            return;
        };
        self.spellings.push(Spelling {
            host,
            hub,
            is_device_name,
        });
        let spellings = &self.spellings;
        let hash = |number: &u16| {
            let spelling = spellings.get(usize::from(*number));
            spelling.map_or(0, |spelling| hash(&spelling.host))
        };
        self.numbers.insert_unique(hash(&number), number, hash);
    }

    /// The hub of that host name, by whichever of its names and in any case.
    pub(crate) fn find(&self, host: &str) -> Option<HubIndex> {
        self.spelled(host).map(|spelling| spelling.hub)
    }

    fn spelled(&self, host: &str) -> Option<&Spelling> {
        let known = |number: &u16| self.spellings.get(usize::from(*number));
        let same = |number: &u16| {
            // Nearly always in the same case, and comparing bytes is faster.
            known(number)
                .is_some_and(|known| *known.host == *host || known.host.eq_ignore_ascii_case(host))
        };
        self.numbers.find(hash(host), same).and_then(known)
    }

    pub(crate) fn get(&self, hub: HubIndex) -> Option<&Hub> {
        self.rows.get(hub.position())
    }

    /// The classic host name in lower case.
    pub(crate) fn host(&self, hub: HubIndex) -> &str {
        self.hosts
            .get(hub.position())
            .map(AsRef::as_ref)
            .unwrap_or_default()
    }

    /// All classic host names in order.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(AsRef::as_ref)
    }

    /// The hubs for which something holds.
    pub(crate) fn matching(&self, holds: impl Fn(&Hub) -> bool) -> HubSet {
        let holding = self.rows.iter().enumerate().filter(|(_, hub)| holds(hub));
        holding
            .filter_map(|(position, _)| HubIndex::new(position))
            .collect()
    }

    /// Finds the hubs that a request offers.
    ///
    /// Of a hub that is linked by both of its names, the device name is the one to answer: what
    /// new links of DPS use.
    pub(crate) fn link<'a>(&self, spelled: &'a [Text<'a>], current: Option<&str>) -> Linked<'a> {
        let mut linked = Linked {
            set: HubSet::default(),
            current: current.and_then(|host| self.find(host)),
            positions: [0; MAX_HUBS],
            spelled,
        };
        let mut by_device_name = HubSet::default();
        for (position, host) in spelled.iter().enumerate() {
            let (Some(spelling), Ok(position)) = (self.spelled(host), u16::try_from(position))
            else {
                continue;
            };
            let hub = spelling.hub;
            if spelling.is_device_name {
                by_device_name.insert(hub);
            } else if by_device_name.contains(hub) {
                continue;
            }
            linked.set.insert(hub);
            if let Some(slot) = linked.positions.get_mut(hub.position()) {
                *slot = position;
            }
        }
        linked
    }
}

/// A hash that does not tell upper from lower case: letters differ in the bit that is set.
///
/// A request names up to 50 hubs, so this is most of a decision: eight bytes at a time.
fn hash(host: &str) -> u64 {
    const CASE: u64 = 0x2020_2020_2020_2020;
    // An odd constant with well-spread bits: the golden ratio in 64 bits.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = host.as_bytes().as_chunks();
    let last = match host.as_bytes().last_chunk() {
        Some(last) => u64::from_le_bytes(*last) | CASE,
        None => rest
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(byte | 0x20)),
    };
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(SPREAD).rotate_left(29);
    let words = words.iter().map(|word| u64::from_le_bytes(*word) | CASE);
    let hash = mix(words.fold(host.len() as u64, mix), last);
    hash ^ hash >> 32
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
