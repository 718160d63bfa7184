//! The config tables as an operator wrote them: rows of text cells, each with its place.
//!
//! The cells of a table share one string, since a policy may have 100,000 rows.

use std::num::NonZeroU32;

use std::fmt;

use crate::schema::{PerTable, TableName};

/// All config tables together, as read.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    tables: PerTable<Table>,
}

impl Tables {
    /// The table of that name; empty until it is filled.
    #[must_use]
    pub fn table(&self, name: TableName) -> &Table {
        self.tables.get(name)
    }

    /// The table of that name, to fill.
    pub fn table_mut(&mut self, name: TableName) -> &mut Table {
        self.tables.get_mut(name)
    }
}

/// The rows of one table; `Debug` hides their values.
#[derive(Clone, Default)]
pub struct Table {
    columns: Vec<Box<str>>,
    text: String,
    cells: Vec<Cell>,
    rows: Vec<RowSpan>,
    is_incomplete: bool,
    is_missing: bool,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("columns", &self.columns)
            .field("rows", &self.rows.len())
            .finish_non_exhaustive()
    }
}

/// One non-empty cell: which column, and where its text is.
#[derive(Clone, Copy, Debug)]
struct Cell {
    column: u32,
    start: u32,
    end: u32,
}

#[derive(Clone, Copy, Debug)]
struct RowSpan {
    line: Option<NonZeroU32>,
    end: u32,
}

/// A table has more than 4 GiB of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the table has more than 4 GiB of text")]
pub struct TableTooLarge;

impl Table {
    /// The number of a column, added when it is new; names stay as the tool wrote them.
    pub fn column(&mut self, name: &str) -> usize {
        if let Some(known) = self.columns.iter().position(|column| **column == *name) {
            return known;
        }
        self.columns.push(name.into());
        self.columns.len() - 1
    }

    /// Adds a row; `line` is its line in the file, if it comes from one; cells are `(column, text)`.
    ///
    /// Empty cells mean "the default" and are left out.
    ///
    /// # Errors
    /// [`TableTooLarge`] when the text of the table exceeds 4 GiB.
    pub fn push<'c>(
        &mut self,
        line: Option<NonZeroU32>,
        cells: impl IntoIterator<Item = (usize, &'c str)>,
    ) -> Result<(), TableTooLarge> {
        for (column, text) in cells {
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            let start = position32(self.text.len())?;
            self.text.push_str(text);
            let end = position32(self.text.len())?;
            self.cells.push(Cell {
                column: position32(column)?,
                start,
                end,
            });
        }
        self.rows.push(RowSpan {
            line,
            end: position32(self.cells.len())?,
        });
        Ok(())
    }

    /// Marks the table as having rows that could not be read; a finding reports why.
    ///
    /// Checks conclude nothing from a row that is missing in such a table.
    pub fn mark_incomplete(&mut self) {
        self.is_incomplete = true;
    }

    /// Whether the table has rows that could not be read.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }

    /// Marks the table as having no file in its folder, so that it counts as empty.
    pub fn mark_missing(&mut self) {
        self.is_missing = true;
    }

    /// Whether its folder has no file for the table; never of a table that is in no folder.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.is_missing
    }

    /// How many rows the table has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the table has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The names of the columns, in the order in which they were added.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(AsRef::as_ref)
    }

    /// The rows in the order in which they were added.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let mut start = 0;
        self.rows.iter().map(move |span| {
            let cells = self.cells.get(start..span.end as usize).unwrap_or_default();
            start = span.end as usize;
            Row {
                line: span.line,
                text: &self.text,
                cells,
            }
        })
    }
}

fn position32(length: usize) -> Result<u32, TableTooLarge> {
    u32::try_from(length).map_err(|_too_large| TableTooLarge)
}

/// One row: its line and its non-empty cells.
#[derive(Clone, Copy, Debug)]
pub struct Row<'t> {
    line: Option<NonZeroU32>,
    text: &'t str,
    cells: &'t [Cell],
}

impl<'t> Row<'t> {
    /// The line of the row in its file, if it comes from one.
    #[must_use]
    pub fn line(&self) -> Option<NonZeroU32> {
        self.line
    }

    /// The non-empty cells as `(column, text)`.
    pub fn cells(&self) -> impl Iterator<Item = (usize, &'t str)> {
        let text = self.text;
        self.cells.iter().map(move |cell| {
            let text = text
                .get(cell.start as usize..cell.end as usize)
                .unwrap_or_default();
            (cell.column as usize, text)
        })
    }
}
