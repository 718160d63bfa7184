//! Faults of a scenario file.

use std::fmt;

/// One fault: where it is, which rule it breaks and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// From 1.
    pub(super) line: u32,
    /// The key; empty if the fault is in the whole section.
    pub(super) key: String,
    /// The broken rule, in one sentence that quotes the input.
    pub(super) rule: String,
    /// What to do about it.
    pub(super) help: String,
}

impl fmt::Display for Fault {
    /// `key hub: rule; help`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.key.is_empty() {
            write!(f, "key {}: ", self.key)?;
        }
        write!(f, "{}; {}", self.rule, self.help)
    }
}

/// The line of an offset, from 1.
pub(super) fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.bytes().take(offset);
    let lines = before.filter(|byte| *byte == b'\n').count();
    u32::try_from(lines).map_or(u32::MAX, |lines| lines.saturating_add(1))
}
