//! The config tables as an operator wrote them: rows of text cells, each with its place.
//!
//! A store fills [`Tables`] from CSV files or from Azure Tables; [`crate::Policy`] gives them
//! their meaning. Cells are kept in one arena a table, since a policy may have 100,000 rows.

mod canonical;
mod cell;
mod columns;
mod diff;
mod json;
mod schema;

pub use canonical::{Canonical, CanonicalRow};
pub(crate) use cell::{instant, items};
pub use columns::column_name;
pub use diff::{CellChange, ChangeKind, RowChange, diff, diff_table};
pub use schema::{Column, Kind, TableName};

/// All config tables together, as read.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    tables: [Table; TableName::ALL.len()],
}

impl Tables {
    /// The table of that name; empty where nothing was read.
    #[must_use]
    pub fn table(&self, name: TableName) -> &Table {
        let [
            hubs,
            enrollments,
            tenants,
            rules,
            rollouts,
            latency,
            twins,
            devices,
        ] = &self.tables;
        match name {
            TableName::Hubs => hubs,
            TableName::Enrollments => enrollments,
            TableName::Tenants => tenants,
            TableName::Rules => rules,
            TableName::Rollouts => rollouts,
            TableName::Latency => latency,
            TableName::Twins => twins,
            TableName::Devices => devices,
        }
    }

    /// The table of that name, to fill.
    pub fn table_mut(&mut self, name: TableName) -> &mut Table {
        let [
            hubs,
            enrollments,
            tenants,
            rules,
            rollouts,
            latency,
            twins,
            devices,
        ] = &mut self.tables;
        match name {
            TableName::Hubs => hubs,
            TableName::Enrollments => enrollments,
            TableName::Tenants => tenants,
            TableName::Rules => rules,
            TableName::Rollouts => rollouts,
            TableName::Latency => latency,
            TableName::Twins => twins,
            TableName::Devices => devices,
        }
    }
}

/// The rows of one table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    columns: Vec<Box<str>>,
    text: String,
    cells: Vec<Cell>,
    rows: Vec<RowSpan>,
    is_incomplete: bool,
}

/// One non-empty cell: which column, and where its text lies in the arena.
#[derive(Clone, Copy, Debug)]
struct Cell {
    column: u32,
    start: u32,
    end: u32,
}

#[derive(Clone, Copy, Debug)]
struct RowSpan {
    line: u32,
    end: u32,
}

/// The arena of a table would pass 4 GiB of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the table has more than 4 GiB of text")]
pub struct TableTooLarge;

impl Table {
    /// The number of a column, added when it is new; names are kept as the tool wrote them.
    pub fn column(&mut self, name: &str) -> usize {
        if let Some(known) = self.columns.iter().position(|column| **column == *name) {
            return known;
        }
        self.columns.push(name.into());
        self.columns.len() - 1
    }

    /// Adds a row; `line` is its line in the file (0: not from a file), cells are `(column, text)`.
    ///
    /// Empty cells mean "the default" and are left out.
    ///
    /// # Errors
    /// [`TableTooLarge`] when the arena is full.
    pub fn push<'c>(
        &mut self,
        line: u32,
        cells: impl IntoIterator<Item = (usize, &'c str)>,
    ) -> Result<(), TableTooLarge> {
        for (column, text) in cells {
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            let start = arena_position(self.text.len())?;
            self.text.push_str(text);
            let end = arena_position(self.text.len())?;
            self.cells.push(Cell {
                column: arena_position(column)?,
                start,
                end,
            });
        }
        self.rows.push(RowSpan {
            line,
            end: arena_position(self.cells.len())?,
        });
        Ok(())
    }

    /// Says that the table has rows which could not be read, and that a finding tells why.
    ///
    /// Nothing is concluded from what such a table does not hold.
    pub fn mark_incomplete(&mut self) {
        self.is_incomplete = true;
    }

    /// Whether the table has rows which could not be read.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.is_incomplete
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

    /// The names of the columns, in the order in which they were met.
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

fn arena_position(length: usize) -> Result<u32, TableTooLarge> {
    u32::try_from(length).map_err(|_too_large| TableTooLarge)
}

/// One row: its line and its non-empty cells.
#[derive(Clone, Copy, Debug)]
pub struct Row<'t> {
    line: u32,
    text: &'t str,
    cells: &'t [Cell],
}

impl<'t> Row<'t> {
    /// The line of the file that the row stands on; 0 where it does not come from a file.
    #[must_use]
    pub fn line(&self) -> u32 {
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

/// SHA-256 of what the tables say, comments, notes and `devices` aside.
///
/// A [`crate::Revision`] shows its first 48 bits, for which two contents can be made: where it
/// matters whether two contents are the same, all of it is compared.
#[must_use]
pub fn digest(tables: &Tables) -> [u8; 32] {
    Canonical::read(tables).0.digest()
}
