//! Numbers for names, so that counting devices compares no texts.

use std::collections::HashMap;

/// Numbers for names, in the order in which they come.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    names: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
}

/// Most names; further ones count together, so that what a fleet says takes no memory.
const MOST: usize = 100_000;

/// The name of those.
const OTHERS: &str = "(others)";

impl Names {
    pub(super) fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut all = Self::default();
        for name in names {
            all.number(name);
        }
        all
    }

    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let name = if self.names.len() < MOST {
            name
        } else {
            OTHERS
        };
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(name.into()).or_insert(next);
        if number == next {
            self.names.push(name.into());
        }
        number
    }

    pub(super) fn name(&self, number: u32) -> &str {
        let name = usize::try_from(number)
            .ok()
            .and_then(|at| self.names.get(at));
        name.map_or(OTHERS, |name| name)
    }
}
