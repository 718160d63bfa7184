//! Keys to row numbers, in little memory: one arena of text and one table of numbers.

use std::hash::BuildHasher as _;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Texts, each with its number in the order in which it was added.
///
/// Costs about 16 bytes a text beyond the text itself. The hash is not keyed: texts come from the
/// operator, requests only look them up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    text: String,
    ends: Vec<u32>,
    numbers: HashTable<u32>,
}

impl Names {
    /// The number of a text, added when it is new.
    ///
    /// Texts beyond 4 GiB in all would share a number; [`crate::tables::Table`] refuses such input.
    pub(crate) fn add(&mut self, text: &str) -> u32 {
        if let Some(number) = self.number(text) {
            return number;
        }
        let number = to_u32(self.ends.len());
        self.text.push_str(text);
        self.ends.push(to_u32(self.text.len()));
        let (arena, ends) = (&self.text, &self.ends);
        self.numbers
            .insert_unique(hash(text), number, |&other| hash(slice(arena, ends, other)));
        number
    }

    /// The number of a text.
    pub(crate) fn number(&self, text: &str) -> Option<u32> {
        let same = |&number: &u32| slice(&self.text, &self.ends, number) == text;
        self.numbers.find(hash(text), same).copied()
    }

    /// The text of a number; empty when there is no such number.
    pub(crate) fn text(&self, number: u32) -> &str {
        slice(&self.text, &self.ends, number)
    }

    /// All texts in the order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..to_u32(self.ends.len())).map(|number| self.text(number))
    }

    /// Gives back memory that growing reserved.
    pub(crate) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        let (arena, ends) = (&self.text, &self.ends);
        self.numbers
            .shrink_to_fit(|&number| hash(slice(arena, ends, number)));
    }
}

/// Row numbers and offsets are 32 bits wide: a table's text is at most 4 GiB.
pub(crate) fn to_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn hash(text: &str) -> u64 {
    FixedState::default().hash_one(text.as_bytes())
}

fn slice<'t>(text: &'t str, ends: &[u32], number: u32) -> &'t str {
    let number = number as usize;
    let start = number
        .checked_sub(1)
        .and_then(|before| ends.get(before))
        .copied()
        .unwrap_or(0);
    let end = ends.get(number).copied().unwrap_or(start);
    text.get(start as usize..end as usize).unwrap_or_default()
}
