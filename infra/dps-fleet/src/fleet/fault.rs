//! What is wrong with a fleet.

use serde::Serialize;

/// A line that is not a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineFault {
    /// The file, as the caller calls it.
    pub file: String,
    /// The number of the line, or of the entry of a JSON array, from 1.
    pub line: u64,
    /// The rule that it breaks.
    pub rule: String,
}

impl LineFault {
    pub(crate) fn new(line: u64, rule: String) -> Self {
        Self {
            file: String::new(),
            line,
            rule,
        }
    }

    /// The same, in this file.
    pub(crate) fn of(self, file: &str) -> Self {
        let file = file.to_owned();
        Self { file, ..self }
    }
}

/// A fleet that cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// The file could not be read.
    #[error("it cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The file could not be read to its end.
    #[error("`{0}` cannot be read to its end: {1}")]
    Broken(String, #[source] std::io::Error),
    /// No line.
    #[error(
        "it is empty; a fleet has a line with the names of the columns and one for each device, and a \
         log one for each decision"
    )]
    Empty,
    /// Two bytes a character.
    #[error(
        "it is UTF-16; save it as UTF-8 (in Excel `CSV UTF-8`, in PowerShell `-Encoding utf8`)"
    )]
    Utf16,
    /// What spreadsheets write where a comma is part of numbers.
    #[error("its columns are separated by {0}; separate them by commas")]
    Separator(&'static str),
    /// The first line of a CSV file has no id.
    #[error(
        "its first line, `{0}`, names no column for ids; name one of the columns `registrationId`"
    )]
    NoIds(String),
    /// Two columns say the same.
    #[error("its columns `{0}` and `{1}` say the same; remove one of them")]
    SameColumns(String, String),
}

impl FleetError {
    /// Fails if a text has two bytes per character; other files than fleets are checked so too.
    ///
    /// # Errors
    /// [`Self::Utf16`].
    pub fn refuse_utf16(beginning: &[u8]) -> Result<(), Self> {
        match beginning {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] | [0, ..] => Err(Self::Utf16),
            _ => Ok(()),
        }
    }
}
