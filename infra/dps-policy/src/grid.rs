//! Aligned columns of text that wrap inside of their cells.

use anstyle::Style;
use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, Width};

use crate::output::one_line;

/// Blanks between two columns.
const GAP: usize = 2;

/// Columns are narrowed to this many characters, the last ones first, until the rows fit.
const MIN_COLUMN: usize = 12;

/// If the rows do not fit even so, columns are narrowed to this many.
const NARROWEST_COLUMN: usize = 8;

/// Cells with more lines are cut: a list of 50 hubs must not push the rest off the screen.
const MAX_LINES: usize = 6;

/// The end of a cell that is cut.
const CUT: &str = " (see --json)";

/// A word that is longer than its column is broken after one of these, if it has one.
const MARKS: [char; 8] = ['/', '-', '.', '_', ',', ';', ':', '='];

/// The rows in lines of at most `width` characters, below dimmed headings if there are some.
///
/// They are longer if there is no room for [`NARROWEST_COLUMN`] of each column. Words stay whole if
/// the longest words of all columns fit side by side. Hidden characters are written out.
pub(crate) fn grid<const N: usize>(
    headings: Option<[&str; N]>,
    rows: &[[String; N]],
    width: usize,
) -> String {
    let rows: Vec<&[String]> = rows.iter().map(<[String; N]>::as_slice).collect();
    grid_of(headings.as_ref().map(<[&str; N]>::as_slice), &rows, width)
}

/// The same for a number of columns that is not known at compile time; all rows have as many.
pub(crate) fn grid_of(headings: Option<&[&str]>, rows: &[&[String]], width: usize) -> String {
    let rows = rows.iter();
    let cells: Vec<Vec<String>> = rows
        .map(|row| row.iter().map(|it| one_line(it)).collect())
        .collect();
    let widths = narrowed(longest_words(headings, &cells), width);
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_truncation_indicator(CUT)
        .set_width(columns(width));
    if let Some(headings) = headings {
        table.set_header(headings);
    }
    for cells in cells {
        let cells = cells
            .iter()
            .zip(&widths)
            .map(|(text, width)| broken(text, *width));
        let mut row = Row::from(cells.collect::<Vec<_>>());
        row.max_height(MAX_LINES);
        table.add_row(row);
    }
    for (number, (column, width)) in table.column_iter_mut().zip(&widths).enumerate() {
        let gap = if number + 1 < widths.len() { GAP } else { 0 };
        let min = Width::Fixed(columns(width + gap));
        column.set_padding((0, columns(gap)));
        column.set_constraint(ColumnConstraint::LowerBoundary(min));
    }
    let text = table.trim_fmt() + "\n";
    match (headings, text.split_once('\n')) {
        (Some(_), Some((headings, rows))) => {
            let style = Style::new().dimmed();
            format!("{style}{headings}{style:#}\n{rows}")
        }
        _ => text,
    }
}

/// Whether the rows fit if only the first column is narrowed.
pub(crate) fn fits(headings: &[String], rows: &[Vec<String>], width: usize) -> bool {
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let mut widths = longest_words(Some(&headings), rows);
    if let Some(first) = widths.first_mut() {
        *first = MIN_COLUMN.min(*first);
    }
    total(&widths) <= width
}

/// The longest word of each column.
fn longest_words(headings: Option<&[&str]>, rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.first().map_or(0, Vec::len);
    let mut widths = headings.map_or_else(
        || vec![0; columns],
        |headings| headings.iter().map(|it| it.chars().count()).collect(),
    );
    for row in rows {
        for (width, text) in widths.iter_mut().zip(row) {
            let words = text.split(' ').map(|word| word.chars().count());
            *width = words.max().unwrap_or(0).max(*width);
        }
    }
    widths
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// The widths, narrowed as far as needed and allowed.
fn narrowed(mut widths: Vec<usize>, width: usize) -> Vec<usize> {
    let mut excess = total(&widths).saturating_sub(width);
    for min in [MIN_COLUMN, NARROWEST_COLUMN] {
        for width in widths.iter_mut().rev() {
            let given = excess.min(width.saturating_sub(min));
            *width -= given;
            excess -= given;
        }
    }
    widths
}

/// The text with line breaks in words of more than `width` characters.
fn broken(text: &str, width: usize) -> String {
    let mut broken = String::with_capacity(text.len());
    for (number, mut word) in text.split(' ').enumerate() {
        if number > 0 {
            broken.push(' ');
        }
        while word.chars().count() > width {
            let fitting = || word.char_indices().take(width.max(1));
            let mark = fitting().filter(|(_, c)| MARKS.contains(c)).last();
            let Some((at, last)) = mark.or_else(|| fitting().last()) else {
                break;
            };
            let (piece, rest) = word.split_at(at + last.len_utf8());
            broken.push_str(piece);
            broken.push('\n');
            word = rest;
        }
        broken.push_str(word);
    }
    broken
}

fn columns(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render<const N: usize>(
        headings: Option<[&str; N]>,
        rows: &[[&str; N]],
        width: usize,
    ) -> String {
        let rows: Vec<[String; N]> = rows.iter().map(|row| row.map(str::to_owned)).collect();
        let text = grid(headings, &rows, width);
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn columns_align_and_are_narrowed() {
        let rows = [["a", "", "c"], ["aaa", "one two three four", "c\n"]];
        let wide = "A    B                   C\n\
                    a                        c\n\
                    aaa  one two three four  c\\n\n";
        assert_eq!(render(Some(["A", "B", "C"]), &rows, 100), wide);
        assert_eq!(render(Some(["A", "B", "C"]), &rows, 29), wide);
        let narrow = "A    B              C\n\
                      a                   c\n\
                      aaa  one two three  c\\n\n     \
                      four\n";
        assert_eq!(render(Some(["A", "B", "C"]), &rows, 23), narrow);
    }

    #[test]
    fn words_and_times_stay_whole_where_there_is_room() {
        let text = "at 2026-12-08T00:00:00Z contoso-westeurope-1 took it over";
        for width in 60..=120 {
            let rendered = render(None, &[["placement", text, text, "eu"]], width);
            assert!(
                rendered.lines().all(|line| line.chars().count() <= width),
                "{rendered}"
            );
            for word in text.split(' ').filter(|_| width >= 56) {
                assert_eq!(
                    rendered.matches(word).count(),
                    2,
                    "{width} {word}: {rendered}"
                );
            }
        }
    }

    #[test]
    fn six_columns_fit_on_the_narrowest_screen() {
        let next = "25% at 2026-12-08T00:00:00Z, in 2d";
        let (id, hub) = ("contoso/2026-q4-spread", "contoso-weu-1");
        let headings = ["ROLLOUT", "STATE", "SHARE", "NEXT", "FROM", "TO"];
        let shown = render(
            Some(headings),
            &[[id, "running", "10%", next, hub, hub]],
            60,
        );
        let longest = shown.lines().map(|line| line.chars().count()).max();
        assert!(longest.is_some_and(|it| it <= 60), "{shown}");
    }

    #[track_caller]
    fn check_broken(text: &str, width: usize, expected: &str) {
        assert_eq!(broken(text, width), expected);
    }

    #[test]
    fn long_words_are_broken_at_marks() {
        check_broken("", 8, "");
        check_broken("one two", 3, "one two");
        check_broken("a contoso-weu-1", 10, "a contoso-\nweu-1");
        check_broken("contoso-weu-1", 13, "contoso-weu-1");
        check_broken("abcdefghij kl", 4, "abcd\nefgh\nij kl");
        check_broken("äöü-äöü", 4, "äöü-\näöü");
        check_broken("ab", 0, "a\nb\n");
    }

    #[test]
    fn hidden_characters_are_written_out() {
        let text = render(None, &[["a\u{1b}[31m", "b\u{202e}\u{200b}"]], 80);
        assert_eq!(text, "a\\u{1b}[31m  b\\u{202e}\\u{200b}\n");
    }

    #[test]
    fn long_cells_are_cut() {
        let words = ["word"; 100].join(" ");
        let text = render(None, &[["a", &words]], 27);
        assert_eq!(text.lines().count(), MAX_LINES, "{text}");
        assert!(text.ends_with("(see --json)\n"), "{text}");
    }
}
