//! Hubs of a policy, and sets of them.

/// Maximum number of hubs in a policy, which may serve several DPS; each links at most 50.
pub(crate) const MAX_HUBS: usize = 256;

const WORDS: usize = MAX_HUBS / 64;

/// A hub of the policy: its position in host-name order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct HubIndex(u8);

impl HubIndex {
    /// The hub at that position, if a policy can have one there.
    pub(crate) fn new(position: usize) -> Option<Self> {
        u8::try_from(position).ok().map(Self)
    }

    /// The one after it, whether or not the policy has one there; after 255 it is 0.
    pub(crate) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// The position in host-name order, which decides ties.
    pub(crate) fn order(self) -> u16 {
        u16::from(self.0)
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
    #[expect(
        clippy::indexing_slicing,
        reason = "a position is below 256, of four words"
    )]
    pub(crate) fn insert(&mut self, hub: HubIndex) {
        let word = &mut self.0[hub.position() / 64];
        *word |= 1 << (hub.position() % 64);
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a position is below 256, of four words"
    )]
    pub(crate) fn contains(&self, hub: HubIndex) -> bool {
        let word = self.0[hub.position() / 64];
        word >> (hub.position() % 64) & 1 == 1
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

impl From<HubIndex> for HubSet {
    fn from(hub: HubIndex) -> Self {
        let mut set = Self::default();
        set.insert(hub);
        set
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
