//! A whole file into rows of a table, and what is wrong with it.

use std::borrow::Cow;
use std::io;
use std::num::NonZeroU32;

use csv::StringRecord;
use dps_allocation::tables::{Table, TableName, is_ignored};
use dps_allocation::{Finding, Place};

use super::records::{Records, is_empty, is_left_out, newlines, quotes_match};
// By its place, not by `crate`: the fuzzers compile these files in a crate of their own.
use super::super::super::budget::{Budget, OverBudget};

/// RFC 4180, rules 6 and 7: what most cells with JSON in them get wrong.
const QUOTING: &str =
    "put a cell with commas or quotes between quotes, and write each quote inside of it twice";

/// What becomes of columns that are never rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notes {
    Keep,
    LeaveOut,
}

/// Why a file is not read to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error(transparent)]
    Read(#[from] io::Error),
    /// All files together hold too much.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

/// What a cell of a row is, by the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    /// Of this column of the table.
    Of(usize),
    /// Of a column that is left out.
    LeftOut,
    Unnamed,
}

/// Reads a file into `table`; what is wrong with the file is added to `findings`.
///
/// # Errors
/// [`FileError`] when the budget has no room for all of it, or the table for all the text.
pub(crate) fn read(
    name: TableName,
    bytes: &[u8],
    table: &mut Table,
    notes: Notes,
    budget: &Budget,
    findings: &mut Vec<Finding>,
) -> Result<(), FileError> {
    let text = match text(name, bytes) {
        Ok(text) => text,
        Err(finding) => {
            table.mark_incomplete();
            findings.push(finding);
            return Ok(());
        }
    };
    let mut columns: Option<Vec<Cell>> = None;
    let mut records = Records::new(&text);
    let mut record = StringRecord::new();
    while let Some(raw) = records.next(&mut record)? {
        let line = records.line;
        if !quotes_match(raw) {
            let rule = "a quoted cell is not closed, or text follows its closing quote";
            // From here on it is unknown where a row begins.
            table.mark_incomplete();
            findings.push(at(name, line).error(rule, QUOTING));
            return Ok(());
        }
        if is_left_out(&record) {
            continue;
        }
        let Some(columns) = &columns else {
            if let Some(separator) = other_separator(&record) {
                // No column of the file can be found.
                table.mark_incomplete();
                let rule = format!("the columns are separated by {separator:?}");
                findings.push(at(name, line).error(rule, "separate them by commas"));
                return Ok(());
            }
            budget.columns(name, record.len())?;
            columns = Some(read_header(name, &record, line, table, notes, findings));
            continue;
        };
        budget.row(record.iter())?;
        let column = |index: usize| columns.get(index).copied().unwrap_or(Cell::Unnamed);
        let outside =
            |(index, cell): (usize, &str)| column(index) == Cell::Unnamed && !is_empty(cell);
        if record.iter().enumerate().any(outside) {
            let rule = "the row has a value that stands under no column name";
            findings.push(at(name, line).error(rule, QUOTING));
        }
        let named = columns.iter().rposition(|cell| *cell != Cell::Unnamed);
        if let Some(last) = named.filter(|last| record.len() <= *last) {
            let (has, of) = (record.len(), last + 1);
            let rule = format!("the row has {has} of {of} cells; the others count as empty");
            let help = "write a comma for each empty cell, so that a lost one is noticed";
            findings.push(at(name, line).warning(rule, help));
        }
        let cells = record.iter().enumerate();
        let cells = cells.filter_map(|(index, cell)| match column(index) {
            Cell::Of(column) => Some((column, cell)),
            Cell::LeftOut | Cell::Unnamed => None,
        });
        table.push(Some(line), cells).map_err(OverBudget::from)?;
    }
    Ok(())
}

/// The text of a file, its lines ended by line feeds.
pub(super) fn text(name: TableName, bytes: &[u8]) -> Result<Cow<'_, str>, Finding> {
    // Marks of UTF-16, or an ASCII letter in it.
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=0x7f, ..] | [1..=0x7f, 0, ..] = bytes {
        let help = "save it as CSV UTF-8; in PowerShell: Export-Csv -Encoding utf8";
        return Err(at(name, NonZeroU32::MIN).error("the file is UTF-16", help));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let read = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = NonZeroU32::MIN.saturating_add(newlines(&String::from_utf8_lossy(read)));
        at(name, line).error("the file is not UTF-8", "save it as CSV UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\r') && !text.contains('\n') {
        // "CSV (Macintosh)" of Excel.
        return Ok(text.replace('\r', "\n").into());
    }
    Ok(text.into())
}

/// What separates the columns of a header, if not a comma.
fn other_separator(header: &StringRecord) -> Option<char> {
    let only = header.get(0).filter(|_| header.len() == 1)?;
    only.chars().find(|c| matches!(c, ';' | '\t' | '|'))
}

/// The column of the table that each cell of a row belongs to; none if it has no name.
fn read_header(
    name: TableName,
    header: &StringRecord,
    line: NonZeroU32,
    table: &mut Table,
    notes: Notes,
    findings: &mut Vec<Finding>,
) -> Vec<Cell> {
    let mut columns = Vec::with_capacity(header.len());
    for column in header.iter().map(str::trim) {
        if column.is_empty() {
            columns.push(Cell::Unnamed);
            continue;
        }
        if notes == Notes::LeaveOut && is_ignored(column) {
            columns.push(Cell::LeftOut);
            continue;
        }
        let cell = Cell::Of(table.column(column));
        if columns.contains(&cell) {
            let place = at(name, line).column(column);
            findings.push(place.error("two columns have the same name", "keep one of them"));
        }
        columns.push(cell);
    }
    columns
}

fn at(table: TableName, line: NonZeroU32) -> Place {
    Place::table(table).line(Some(line))
}

#[cfg(test)]
mod tests;
