//! Some devices of a fleet, as they were read.

use std::sync::Arc;

use super::columns::Columns;
use super::device::Member;
use super::fault::LineFault;
use super::made::Made;
use super::revealed::Revealed;
use super::{csv, json};

/// More than a batch has lines.
const MOST_DEVICES: u64 = 1 << 24;

/// Some devices of a fleet, as they were read; parsed by whoever asks for them.
#[derive(Clone, Debug)]
pub struct Batch {
    /// From 0, in the order of the fleet.
    pub number: u64,
    /// Bytes of the fleet that were read for it, before they were unpacked.
    pub bytes: u64,
    /// The file, as the caller calls it.
    pub(crate) file: Arc<str>,
    pub(super) content: Content,
    pub(super) revealed: Option<Arc<Revealed>>,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Csv(Arc<Columns>, Lines),
    Json(Lines),
    Made(Made),
    /// A line that is longer than any device.
    TooLong(LineFault),
}

/// Whole lines.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    pub(super) text: Vec<u8>,
    /// The number of the first one, from 1.
    pub(super) first: u64,
}

impl Batch {
    /// The same in another place of a fleet of several files.
    #[must_use]
    pub fn at(self, number: u64) -> Self {
        Self { number, ..self }
    }

    /// The same, with ids in place of hashes.
    #[must_use]
    pub fn revealing(self, ids: Option<Arc<Revealed>>) -> Self {
        Self {
            revealed: ids,
            ..self
        }
    }

    /// A number below that of each device in it, and above that of each device before it.
    pub(crate) fn order(&self) -> u64 {
        self.number * MOST_DEVICES
    }

    /// Calls `each` for every device, and for every line that is not one; returns how many lines
    /// are neither, such as the other lines of a log.
    pub fn each(&self, mut each: impl FnMut(u64, Result<Member<'_>, LineFault>)) -> u64 {
        let mut each = |line, mut member: Result<Member<'_>, LineFault>| {
            if let (Some(ids), Ok(Member::Logged(record))) = (&self.revealed, &mut member) {
                ids.reveal(record);
            }
            each(line, member.map_err(|fault| fault.of(&self.file)));
        };
        match &self.content {
            Content::Csv(columns, lines) => {
                csv::each(columns, &lines.text, lines.first, &mut each);
                0
            }
            Content::Json(lines) => json::each(&lines.text, lines.first, &mut each),
            Content::Made(made) => {
                made.each(&mut each);
                0
            }
            Content::TooLong(fault) => {
                each(fault.line, Err(fault.clone()));
                0
            }
        }
    }
}
