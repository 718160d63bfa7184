//! Cells below each other.

use crate::demo::style::{Look, Style};

/// Rows of as many cells as there are titles.
pub(super) struct Columns<const N: usize> {
    titles: [&'static str; N],
    rows: Vec<(Look, [String; N])>,
}

impl<const N: usize> Columns<N> {
    pub(super) fn new(titles: [&'static str; N]) -> Self {
        Self {
            titles,
            rows: Vec::new(),
        }
    }

    pub(super) fn row(&mut self, look: Look, cells: [&str; N]) {
        self.rows.push((look, cells.map(str::to_owned)));
    }

    /// The last cell of a row is as long as it is.
    pub(super) fn write(&self, style: Style, text: &mut String) {
        let titles = self.titles.map(str::to_owned);
        let all = [(Look::Faint, &titles)]
            .into_iter()
            .chain(self.rows.iter().map(|(look, cells)| (*look, cells)));
        let widths: Vec<usize> = (0..N)
            .map(|column| {
                let cells = all.clone().filter_map(|(_, cells)| cells.get(column));
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        for (look, cells) in all {
            let padded = cells.iter().zip(&widths);
            let padded: Vec<_> = padded
                .map(|(cell, &width)| format!("{cell:width$}"))
                .collect();
            text.push_str(&style.paint(look, padded.join("  ").trim_end()));
            text.push('\n');
        }
    }
}
