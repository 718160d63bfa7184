//! Changing one row of a file: the rest of its text, comments and layout stay as they are.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::ops::Range;

use csv::StringRecord;
use dps_allocation::tables::{TableName, column_name};

use super::read;
use super::records::{Records, cells, is_left_out, quotes_match};

/// The new content of a row.
#[derive(Clone, Copy, Debug)]
pub struct RowEdit<'a> {
    /// The line that it begins on; none for a new row.
    pub line: Option<NonZeroU32>,
    /// Columns by the names of the documentation, and their texts; an empty one clears the cell.
    pub cells: &'a [(&'a str, &'a str)],
}

/// One record of the file that is not a comment.
struct Record {
    line: NonZeroU32,
    /// Without the end of the line.
    place: Range<usize>,
    /// Each with its quotes.
    cells: Vec<Range<usize>>,
}

/// The text after the edit; none if the text is not a table of this kind.
pub(crate) fn edit(name: TableName, text: &str, edit: RowEdit<'_>) -> Option<String> {
    // UTF-16 that begins with an ASCII character is UTF-8 too.
    read::text(name, text.as_bytes()).ok()?;
    let mut records = records(text)?;
    if records.is_empty() {
        return None;
    }
    let header = records.remove(0);
    let mut columns: Vec<Option<&str>> = Vec::new();
    for cell in &header.cells {
        columns.push(column_name(name, unquoted(text.get(cell.clone())?).trim()));
    }
    let known = columns.len();
    for (column, _) in edit.cells {
        if !columns.contains(&Some(column)) {
            columns.push(Some(column));
        }
    }
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    if let Some(new) = columns.get(known..).filter(|new| !new.is_empty()) {
        let names: Vec<&str> = new.iter().copied().flatten().collect();
        changes.push((end(&header.place), format!(",{}", names.join(","))));
        for record in records.iter().filter(|it| Some(it.line) != edit.line) {
            let missing = columns.len().saturating_sub(record.cells.len());
            changes.push((end(&record.place), ",".repeat(missing)));
        }
    }
    let mut cells: Vec<Cow<'_, str>> = Vec::new();
    let place = match edit.line {
        None => text.len()..text.len(),
        Some(line) => {
            let record = records.iter().find(|record| record.line == line)?;
            for cell in &record.cells {
                cells.push(text.get(cell.clone())?.into());
            }
            record.place.clone()
        }
    };
    cells.resize(cells.len().max(columns.len()), "".into());
    for (column, wanted) in edit.cells {
        let number = columns.iter().position(|it| it == &Some(*column))?;
        *cells.get_mut(number)? = quoted(wanted);
    }
    let mut row = cells.join(",");
    if edit.line.is_none() {
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let before = if text.ends_with('\n') { "" } else { line_end };
        row = format!("{before}{row}{line_end}");
    }
    changes.push((place, row));
    Some(apply(text, changes))
}

fn end(place: &Range<usize>) -> Range<usize> {
    place.end..place.end
}

fn apply(text: &str, mut changes: Vec<(Range<usize>, String)>) -> String {
    // What stands at the end of the text goes before a new row that begins there.
    changes.sort_by_key(|(place, _)| place.start);
    let mut edited = String::with_capacity(text.len());
    let mut at = 0;
    for (place, new) in changes {
        edited.push_str(text.get(at..place.start).unwrap_or_default());
        edited.push_str(&new);
        at = place.end;
    }
    edited.push_str(text.get(at..).unwrap_or_default());
    edited
}

/// None if a quote is not closed.
fn records(text: &str) -> Option<Vec<Record>> {
    let mark = '\u{feff}';
    let body = text.strip_prefix(mark).unwrap_or(text);
    let offset = text.len() - body.len();
    let mut reader = Records::new(body);
    let mut read = StringRecord::new();
    let mut records = Vec::new();
    while let Some(raw) = reader.next(&mut read).ok()? {
        if !quotes_match(raw) {
            return None;
        }
        if is_left_out(&read) {
            continue;
        }
        let start = offset + reader.at;
        let raw = raw.trim_end_matches(['\r', '\n']);
        records.push(Record {
            line: reader.line,
            place: start..start + raw.len(),
            cells: places(raw, start)?,
        });
    }
    Some(records)
}

/// Where the cells of a record are that begins at byte `at`.
fn places(record: &str, mut at: usize) -> Option<Vec<Range<usize>>> {
    let place = |cell: Option<&str>| {
        let place = at..at + cell?.len();
        at = place.end + ",".len();
        Some(place)
    };
    cells(record).map(place).collect()
}

fn unquoted(cell: &str) -> String {
    let inner = cell.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    inner.map_or_else(|| cell.to_owned(), |inner| inner.replace("\"\"", "\""))
}

fn quoted(text: &str) -> Cow<'_, str> {
    let plain = !text.contains([',', '"', '\n', '\r']) && !text.starts_with('#');
    if plain {
        text.into()
    } else {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUBS: &str = "# the hubs\n\nPartitionKey, RowKey ,Weight,note\n# ours\n\
                        hub,a.azure-devices.net, 2 ,\"x, \"\"y\"\"\"\nhub,\"b.azure-devices.net\"\n";

    #[track_caller]
    fn check(text: &str, line: u32, cells: &[(&str, &str)], from: &str, to: &str) {
        let line = NonZeroU32::new(line);
        let edited = edit(TableName::Hubs, text, RowEdit { line, cells });
        assert_eq!(text.matches(from).count(), 1, "{from}");
        assert_eq!(edited.as_deref(), Some(&*text.replace(from, to)));
    }

    #[test]
    fn only_the_cell_changes() {
        check(HUBS, 5, &[("weight", "5")], " 2 ", "5");
        check(HUBS, 5, &[("weight", "")], " 2 ", "");
        check(HUBS, 5, &[("note", "a, \"b\"")], "x, \"\"y", "a, \"\"b");
        check(HUBS, 5, &[("note", "c")], "\"x, \"\"y\"\"\"", "c");
        let both = [("weight", "1"), ("note", "#1")];
        check(HUBS, 5, &both, " 2 ,\"x, \"\"y\"\"\"", "1,\"#1\"");
        let (short, full) = ("\"b.azure-devices.net\"", "\"b.azure-devices.net\",7,");
        check(HUBS, 6, &[("weight", "7")], short, full);
        let windows = HUBS.replace('\n', "\r\n");
        check(&windows, 5, &[("weight", "5")], " 2 ", "5");
        let marked = format!("\u{feff}{HUBS}");
        check(&marked, 5, &[("weight", "5")], " 2 ", "5");
        check(HUBS.trim_end(), 6, &[("weight", "7")], short, full);
    }

    #[test]
    fn a_column_that_is_not_there_is_added() {
        let text = "PartitionKey,RowKey\n# c\nhub,a\nhub,b";
        let edited = edit(
            TableName::Hubs,
            text,
            RowEdit {
                line: NonZeroU32::new(3),
                cells: &[("tier", "1"), ("state", "open")],
            },
        );
        let expected = "PartitionKey,RowKey,tier,state\n# c\nhub,a,1,open\nhub,b,,";
        assert_eq!(edited.as_deref(), Some(expected));
    }

    #[test]
    fn a_new_row_comes_last() {
        let new = [("PartitionKey", "hub"), ("RowKey", "c"), ("weight", "3")];
        for (text, end) in [
            ("RowKey,PartitionKey,weight\n", "c,hub,3\n"),
            ("RowKey,PartitionKey,weight", "\nc,hub,3\n"),
            ("RowKey,PartitionKey,weight\r\n", "c,hub,3\r\n"),
        ] {
            let row = RowEdit {
                line: None,
                cells: &new,
            };
            let edited = edit(TableName::Hubs, text, row);
            assert_eq!(edited, Some(format!("{text}{end}")));
        }
        let row = RowEdit {
            line: None,
            cells: &new,
        };
        assert_eq!(
            edit(TableName::Hubs, "PartitionKey,RowKey\nhub,a", row).as_deref(),
            Some("PartitionKey,RowKey,weight\nhub,a,\nhub,c,3\n")
        );
    }

    #[test]
    fn what_is_no_table_is_left_alone() {
        let row = RowEdit {
            line: NonZeroU32::new(2),
            cells: &[("weight", "1")],
        };
        let utf16 = "#\0\nPartitionKey,RowKey\nhub,a\n";
        for text in [
            "",
            "# only\n",
            "PartitionKey,\"RowKey\nhub,a\n",
            "a,b\n",
            utf16,
        ] {
            assert_eq!(edit(TableName::Hubs, text, row), None, "{text}");
        }
    }
}
