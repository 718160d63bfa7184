//! Differences between tables, for people.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Color, Style};
use dps_allocation::tables::{CellChange, ChangeKind, RowChange};

use crate::output::one_line;

/// An empty cell beside one with a value.
const EMPTY: &str = "(empty)";

/// The rows by table, each with its cells, and how many there are of each kind.
pub(crate) fn text(changes: &[RowChange]) -> String {
    let mut text = String::new();
    for table in changes.chunk_by(|a, b| a.table == b.table) {
        if let Some(first) = table.first() {
            let bold = Style::new().bold();
            let _infallible = writeln!(text, "{bold}{}{bold:#}", first.table.as_str());
        }
        for row in table {
            add_row(row, &mut text);
        }
    }
    text.push_str(&closing_line(changes));
    text.push('\n');
    text
}

fn add_row(row: &RowChange, text: &mut String) {
    let (sign, color) = match row.change {
        ChangeKind::Added => ('+', AnsiColor::Green),
        ChangeKind::Removed => ('-', AnsiColor::Red),
        ChangeKind::Changed => ('~', AnsiColor::Yellow),
    };
    let style = Style::new().fg_color(Some(Color::Ansi(color)));
    let keys = one_line(&format!("{}/{}", row.partition, row.row));
    let _infallible = writeln!(text, "  {style}{sign} {keys}{style:#}");
    for cell in &row.cells {
        let line = one_line(&cell_text(row.change, cell));
        let _infallible = writeln!(text, "      {line}");
    }
}

fn cell_text(change: ChangeKind, cell: &CellChange) -> String {
    let column = &cell.column;
    let before = cell.before.as_deref().unwrap_or(EMPTY);
    let after = cell.after.as_deref().unwrap_or(EMPTY);
    match change {
        ChangeKind::Added => format!("{column}: {after}"),
        ChangeKind::Removed => format!("{column}: {before}"),
        ChangeKind::Changed => format!("{column}: {before} -> {after}"),
    }
}

fn closing_line(changes: &[RowChange]) -> String {
    if changes.is_empty() {
        return "no difference".to_owned();
    }
    let count = |kind| changes.iter().filter(|row| row.change == kind).count();
    format!(
        "rows: {} added, {} removed, {} changed",
        count(ChangeKind::Added),
        count(ChangeKind::Removed),
        count(ChangeKind::Changed)
    )
}
