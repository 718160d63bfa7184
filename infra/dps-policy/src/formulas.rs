//! Cells that a spreadsheet takes for a formula when it opens a CSV file.
//!
//! They are reported and not changed: a push writes what was pulled.

use dps_allocation::tables::{Column, Row, TableName, Tables, column_name};
use dps_allocation::{Finding, Place};

/// A warning for each cell.
pub(crate) fn warnings(tables: &Tables) -> Vec<Finding> {
    let mut warnings = Vec::new();
    for name in TableName::all() {
        let table = tables.table(name);
        let columns: Vec<&str> = table.columns().collect();
        for row in table.rows() {
            for (column, text) in row.cells().filter(|(_, text)| is_formula(text)) {
                let column = columns.get(column).copied().unwrap_or_default();
                warnings.push(warning(name, &columns, &row, column, text));
            }
        }
    }
    warnings
}

fn warning(name: TableName, columns: &[&str], row: &Row<'_>, column: &str, text: &str) -> Finding {
    let key = |wanted: Column| {
        let is = |number: usize| {
            let written = columns.get(number)?;
            column_name(name, written).filter(|it| *it == wanted.as_str())
        };
        let mut cells = row.cells();
        let found = cells.find_map(|(number, text)| is(number).map(|_| text));
        found.unwrap_or_default()
    };
    let rule = format!("a spreadsheet takes `{text}` for a formula");
    let help = "see why it is there before you open the file in a spreadsheet";
    let (partition, key) = (key(Column::PartitionKey), key(Column::RowKey));
    let place = Place::row(name, partition, key, row.line());
    place.column(column).warning(rule, help)
}

/// `=1+1`, `@SUM(A1)`, `+cmd|' /C calc'!A0`; `-33.9,151.2` is a place and `-5` a number.
fn is_formula(text: &str) -> bool {
    let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ';' | '-' | '+' | ' ');
    match text.chars().next() {
        Some('=' | '@') => true,
        Some('+' | '-') => !text.chars().all(number),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_reported() {
        for text in [
            "=1+1",
            "@SUM(A1)",
            "+cmd|' /C calc'!A0",
            "-2+3+cmd|x",
            "=",
            "-x",
        ] {
            assert!(is_formula(text), "{text}");
        }
        for text in [
            "",
            "a=b",
            "-5",
            "+5.0",
            "-33.9,151.2",
            "- 1",
            "payload.a == 'b'",
            "*",
        ] {
            assert!(!is_formula(text), "{text}");
        }
        let mut tables = Tables::default();
        let hubs = tables.table_mut(TableName::Hubs);
        let columns = ["PartitionKey", "rowkey", "note"].map(|it| hubs.column(it));
        let cells = ["hub", "a.net", "=HYPERLINK(\"http://a\u{202e}b\")"];
        hubs.push(NonZeroU32::new(7), columns.into_iter().zip(cells))
            .unwrap();
        let found: Vec<String> = warnings(&tables).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "warning: hubs hub/a.net, line 7, column note: a spreadsheet takes \
              `=HYPERLINK(\"http://a\\u{202e}b\")` for a formula; \
              see why it is there before you open the file in a spreadsheet"
            ]
        );
    }
}
