//! The results of a scenario file.

use serde::Serialize;

use super::fault::Fault;

/// A scenario file, with the result of each of its entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suite {
    /// The file, as the caller names it.
    pub file: String,
    /// Cases and fleets in the order of the file.
    pub entries: Vec<Entry>,
}

/// A case or a fleet, with its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// What the entry is.
    pub kind: Kind,
    /// Its `name`.
    pub name: String,
    /// Its line in the file, from 1.
    pub line: u32,
    /// Its result.
    pub outcome: Outcome,
    /// What was decided, in words; empty if nothing was.
    pub decided: String,
    /// The allocation request of a case, as DPS would send it.
    #[serde(skip)]
    pub request: Option<Vec<u8>>,
}

/// What an entry of a scenario file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// One registration.
    Case,
    /// Many devices.
    Fleet,
    /// The file as a whole, which cannot be read.
    File,
}

/// The result of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "result", content = "because")]
pub enum Outcome {
    /// Everything is as expected.
    Passed,
    /// Each difference, as a sentence.
    Failed(Vec<String>),
    /// The entry cannot be read: each fault, with what to do.
    Broken(Vec<String>),
}

impl Entry {
    /// The entry of a file that cannot be read.
    pub(super) fn of_file(faults: &[Fault]) -> Self {
        Self::broken(
            Kind::File,
            "the file",
            faults.first().map_or(1, |it| it.line),
            faults,
        )
    }

    /// An entry with faults; each names its line if that is another one.
    pub(super) fn broken(kind: Kind, name: &str, line: u32, faults: &[Fault]) -> Self {
        let text = |fault: &Fault| {
            if fault.line == line {
                fault.to_string()
            } else {
                format!("line {}: {fault}", fault.line)
            }
        };
        Self {
            kind,
            name: name.to_owned(),
            line,
            outcome: Outcome::Broken(faults.iter().map(text).collect()),
            decided: String::new(),
            request: None,
        }
    }
}
