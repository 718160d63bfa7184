//! Aligned columns of text that wrap inside of their cells.

mod wrap;

use std::fmt::Write as _;

use anstyle::Style;

use self::wrap::wrap;
use crate::output::one_line;

/// Rows of cells, laid out to a width.
#[derive(Debug)]
pub(crate) struct Grid<const N: usize> {
    rows: Vec<[Cell; N]>,
}

/// One text with its look.
#[derive(Debug)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

/// Blanks between two columns.
const GAP: usize = 2;

/// A column is not made narrower than this, which holds every word of ours.
const LEAST_COLUMN: usize = 16;

/// Longer cells are cut: a list of 50 hubs must not push the rest off the screen.
const MAX_LINES: usize = 6;

/// The last line of a cell that is cut.
const CUT: &str = "(see --json)";

impl Cell {
    /// Control characters are shown, not obeyed.
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Self::styled(text, Style::new())
    }

    pub(crate) fn styled(text: impl AsRef<str>, style: Style) -> Self {
        Self {
            text: one_line(text.as_ref()),
            style,
        }
    }

    /// The lines of the cell in a column of `width` characters.
    fn lines(&self, width: usize) -> Vec<String> {
        let mut lines = wrap(&self.text, width);
        if lines.len() > MAX_LINES {
            lines.truncate(MAX_LINES - 1);
            lines.push(CUT.to_owned());
        }
        lines
    }
}

impl<const N: usize> Grid<N> {
    /// No rows and no headings.
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// A first row of headings.
    pub(crate) fn with_headings(headings: [&str; N]) -> Self {
        let mut grid = Self::new();
        grid.push(headings.map(|heading| Cell::styled(heading, Style::new().dimmed())));
        grid
    }

    pub(crate) fn push(&mut self, row: [Cell; N]) {
        self.rows.push(row);
    }

    /// Adds the rows to `text`; lines end without blanks.
    pub(crate) fn render(&self, width: usize, text: &mut String) {
        let widths = self.widths(width);
        for row in &self.rows {
            render_row(row, &widths, text);
        }
    }

    /// Columns give way where it costs the least, until all fit.
    fn widths(&self, width: usize) -> [usize; N] {
        let room = width.saturating_sub(GAP * N.saturating_sub(1));
        let mut widths = [0; N];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.text.chars().count().min(room).max(*width);
            }
        }
        while widths.iter().sum::<usize>() > room {
            let narrower = (0..N).filter_map(|column| narrower(widths, column));
            let best = narrower.min_by_key(|it| (self.cost(it), it.iter().max().copied()));
            let Some(best) = best else { break };
            widths = best;
        }
        self.used(&widths)
    }

    /// The widths less what wrapping leaves empty in every row.
    fn used(&self, widths: &[usize; N]) -> [usize; N] {
        let mut used = [0; N];
        for row in &self.rows {
            for ((used, cell), width) in used.iter_mut().zip(row).zip(widths) {
                let lines = cell.lines(*width);
                let longest = lines.iter().map(|line| line.chars().count()).max();
                *used = longest.unwrap_or_default().max(*used);
            }
        }
        used
    }

    /// How many lines the rows take; a broken word is as bad as a line more.
    fn cost(&self, widths: &[usize; N]) -> usize {
        let lines = |(cell, width): (&Cell, &usize)| cell.lines(*width).len();
        let broken = |(cell, width): (&Cell, &usize)| {
            let words = cell.text.split(' ').map(|word| word.chars().count());
            words.filter(|length| length > width).count()
        };
        let row = |row: &[Cell; N]| {
            let cells = || row.iter().zip(widths);
            cells().map(lines).max().unwrap_or_default() + cells().map(broken).sum::<usize>()
        };
        self.rows.iter().map(row).sum()
    }
}

/// The widths with one column less wide; none where it would be too narrow.
fn narrower<const N: usize>(mut widths: [usize; N], column: usize) -> Option<[usize; N]> {
    let width = widths.get_mut(column)?;
    *width = width.checked_sub(1).filter(|it| *it >= LEAST_COLUMN)?;
    Some(widths)
}

fn render_row<const N: usize>(row: &[Cell; N], widths: &[usize; N], text: &mut String) {
    let mut cells: Vec<_> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| (cell.lines(*width).into_iter(), cell.style, *width))
        .collect();
    loop {
        let line: Vec<_> = cells
            .iter_mut()
            .map(|(pieces, style, width)| (pieces.next(), *style, *width))
            .collect();
        if line.iter().all(|(piece, ..)| piece.is_none()) {
            return;
        }
        let mut blanks = 0;
        for (piece, style, width) in line {
            let piece = piece.unwrap_or_default();
            if !piece.is_empty() {
                text.extend(std::iter::repeat_n(' ', blanks));
                let _infallible = write!(text, "{style}{piece}{style:#}");
                blanks = 0;
            }
            blanks += GAP + width.saturating_sub(piece.chars().count());
        }
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_give_way() {
        let mut grid = Grid::with_headings(["A", "B", "C"]);
        grid.push(["a", "", "c"].map(Cell::new));
        grid.push(["aaa", "one two three four", "c\n"].map(Cell::new));
        let render = |width: usize| {
            let mut text = String::new();
            grid.render(width, &mut text);
            anstream::adapter::strip_str(&text).to_string()
        };
        let wide = "A    B                   C\n\
                    a                        c\n\
                    aaa  one two three four  c\\n\n";
        assert_eq!(render(100), wide);
        assert_eq!(render(29), wide);
        let narrow = "A    B              C\n\
                      a                   c\n\
                      aaa  one two three  c\\n\n     \
                      four\n";
        assert_eq!(render(23), narrow);
    }

    #[test]
    fn long_cells_are_cut() {
        let mut grid = Grid::new();
        let words = ["word"; 100].join(" ");
        grid.push(["a", &words].map(Cell::new));
        let mut text = String::new();
        grid.render(27, &mut text);
        let line = "word word word word word\n";
        assert_eq!(
            text,
            format!("a  {line}   {line}   {line}   {line}   {line}   {CUT}\n")
        );
    }
}
