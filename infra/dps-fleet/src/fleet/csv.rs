//! Devices of a CSV file.

use std::borrow::Cow;

use super::columns::{Columns, Field};
use super::device::{ListedDevice, Member};
use super::fault::LineFault;
use super::{log, values};

/// Calls `each` for every row of whole lines, of which the first has this number.
pub(super) fn each(
    columns: &Columns,
    text: &[u8],
    first_line: u64,
    each: &mut dyn FnMut(u64, Result<Member<'_>, LineFault>),
) {
    let mut rows = ::csv::ReaderBuilder::new();
    let mut rows = rows.has_headers(false).flexible(true).from_reader(text);
    let mut row = ::csv::ByteRecord::new();
    while let Ok(true) = rows.read_byte_record(&mut row) {
        let line = row.position().map_or(0, ::csv::Position::line);
        let line = first_line + line.saturating_sub(1);
        if row.iter().all(<[u8]>::is_empty) {
            continue;
        }
        each(
            line,
            device(columns, &row).map_err(|rule| LineFault::new(line, rule)),
        );
    }
}

fn device<'a>(columns: &Columns, row: &'a ::csv::ByteRecord) -> Result<Member<'a>, String> {
    if row.len() != columns.len() {
        let (found, named) = (row.len(), columns.len());
        return Err(format!(
            "its values ({found}) are not as many as the columns of the first line ({named})"
        ));
    }
    let mut device = ListedDevice::default();
    for (cell, field) in row.iter().zip(columns.fields()) {
        let Some(field) = field else { continue };
        let text = str::from_utf8(cell).map_err(|_not_utf8| "it is not UTF-8".to_owned())?;
        if field == Field::Message
            && let Some(json) = log::find(text.as_bytes())
        {
            return log::read(json).map(|record| Member::Logged(Box::new(record)));
        }
        values::add(&mut device, field, Cow::Borrowed(text))?;
    }
    Ok(Member::Listed(device))
}
