//! The records of a CSV file, each with the line that it stands on.

use std::num::NonZeroU32;
use std::{io, iter};

use csv::StringRecord;

/// Blank rows, comments that a spreadsheet has put in quotes because they hold a comma, and the
/// line `sep=,` that is for Excel alone.
pub(super) fn is_left_out(record: &StringRecord) -> bool {
    let mut cells = record.iter();
    let first = cells.next().unwrap_or_default();
    let rest_is_empty = cells.all(is_empty);
    let is_separator = first.eq_ignore_ascii_case("sep=") || first.eq_ignore_ascii_case("sep=,");
    first.starts_with('#') || rest_is_empty && (is_empty(first) || is_separator)
}

pub(super) fn is_empty(cell: &str) -> bool {
    cell.trim().is_empty()
}

/// The records of a file, and the place of the last one.
pub(super) struct Records<'t> {
    text: &'t str,
    reader: csv::Reader<&'t [u8]>,
    /// The line that the last record begins on.
    pub(super) line: NonZeroU32,
    /// Its first byte.
    pub(super) at: usize,
}

impl<'t> Records<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        Self {
            text,
            reader,
            line: NonZeroU32::MIN,
            at: 0,
        }
    }

    /// Reads the next record and returns its text.
    pub(super) fn next(&mut self, record: &mut StringRecord) -> io::Result<Option<&'t str>> {
        let before = self.position();
        if !self.reader.read_record(record)? {
            return Ok(None);
        }
        // The reader's own line is the one where it began to skip blank lines and comments.
        let start = start_of_record(self.text, before);
        let skipped = self.text.get(self.at..start).unwrap_or_default();
        self.line = self.line.saturating_add(newlines(skipped));
        self.at = start;
        let raw = self.text.get(start..self.position()).unwrap_or_default();
        Ok(Some(raw))
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX)
    }
}

/// Where the record begins that the reader finds from byte `from` on.
fn start_of_record(text: &str, from: usize) -> usize {
    let mut rest = text.get(from..).unwrap_or_default();
    loop {
        rest = rest.trim_start_matches(['\r', '\n']);
        if !rest.starts_with('#') {
            return text.len() - rest.len();
        }
        rest = rest.split_once('\n').map_or("", |(_comment, rest)| rest);
    }
}

/// Whether every quoted cell of a record is closed, and nothing follows but the next cell.
///
/// The reader would swallow rows up to the next quote, or to the end of the file.
pub(super) fn quotes_match(record: &str) -> bool {
    !record.contains('"') || cells(record).all(|cell| cell.is_some())
}

/// The cells of a record with their quotes; none, as the last, for one whose quotes do not match.
pub(super) fn cells(record: &str) -> impl Iterator<Item = Option<&str>> {
    let mut rest = Some(record.trim_end_matches(['\r', '\n']));
    iter::from_fn(move || {
        let split = split_cell(rest?);
        rest = split.and_then(|(_cell, after)| after.strip_prefix(','));
        Some(split.map(|(cell, _after)| cell))
    })
}

/// The first cell of a record, and what follows it, of which only the first byte is read.
fn split_cell(record: &str) -> Option<(&str, &str)> {
    let length = match record.strip_prefix('"') {
        Some(quoted) => record.len() - after_closing_quote(quoted)?.len(),
        None => record.find(',').unwrap_or(record.len()),
    };
    let split = record.split_at_checked(length);
    split.filter(|(_cell, after)| after.is_empty() || after.starts_with(','))
}

fn after_closing_quote(mut quoted: &str) -> Option<&str> {
    loop {
        let (_text, after) = quoted.split_once('"')?;
        match after.strip_prefix('"') {
            Some(more) => quoted = more,
            None => return Some(after),
        }
    }
}

pub(super) fn newlines(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If each cell looked at all that follows it, this would take an hour.
    #[test]
    fn a_long_record_is_read_once() {
        let record = format!("{}\"x\"", "1,".repeat(8 << 20));
        let last = cells(&record).enumerate().last();
        assert_eq!(last, Some((8 << 20, Some("\"x\""))));
    }
}
