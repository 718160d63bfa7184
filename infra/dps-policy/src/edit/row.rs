//! A change of one row: which one is meant, and what the table says with its new cells.

use std::num::NonZeroU32;

use dps_allocation::tables::{RowChange, Table, TableName, Tables, diff_table};
use dps_fleet::edit::{RowEdit, with_cells};
use dps_policy_store::azure::KeyPart;

use super::cells::{Cells, PARTITION_KEY, ROW_KEY, did_you_mean};

/// A change of one row, named as a person names it.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) table: TableName,
    /// `PARTITION/ROW`, or the one that tells rows apart.
    pub(crate) keys: String,
    /// Whether the row is to be added.
    pub(crate) new: bool,
    pub(crate) cells: Cells,
}

/// The tables with the row changed.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) tables: Tables,
    pub(super) changes: Vec<RowChange>,
    /// The line of the file that the row begins on; `None` for a new row.
    pub(super) line: Option<NonZeroU32>,
    /// Those to write; a new row's with its keys.
    pub(super) cells: Vec<(&'static str, String)>,
}

impl From<RowEdit> for Edit {
    fn from(edit: RowEdit) -> Self {
        Self {
            table: edit.table,
            keys: format!("{}/{}", edit.partition, edit.row),
            new: edit.new,
            cells: Cells::of(edit.cells),
        }
    }
}

impl Edit {
    /// The tables with the cells in the row.
    ///
    /// # Errors
    /// When no row or several are meant, or a new one is there.
    pub(super) fn with(&self, tables: &Tables) -> anyhow::Result<Wanted> {
        let before = tables.table(self.table);
        let (number, written) = match (self.find(before)?, self.new) {
            (Some(row), false) => (row.after, self.cells.all().to_vec()),
            (None, true) => (None, self.with_keys()?),
            (Some(row), true) => anyhow::bail!(
                "`{}` is in the {} table; leave out --new",
                keys(&row),
                self.table.as_str()
            ),
            (None, false) => anyhow::bail!("{}", self.unknown(before)),
        };
        let after = with_cells(self.table, before, number, &written)?;
        let line = number.and_then(|number| before.rows().nth(number)?.line());
        let changes = diff_table(self.table, before, &after);
        let mut tables = tables.clone();
        *tables.table_mut(self.table) = after;
        Ok(Wanted {
            tables,
            changes,
            line,
            cells: written,
        })
    }

    /// The device of an edit of its row, of which there may be a million.
    ///
    /// # Errors
    /// When no device can have that id.
    pub(crate) fn device(&self) -> anyhow::Result<Option<KeyPart>> {
        if self.table != TableName::Devices {
            return Ok(None);
        }
        let (id, _) = self.canonical().unwrap_or_default();
        Ok(Some(KeyPart::parse(&id)?))
    }

    /// The only row that is meant.
    fn find(&self, table: &Table) -> anyhow::Result<Option<RowChange>> {
        let all = rows(self.table, table);
        let wanted = self.canonical();
        let mut found: Vec<&RowChange> = if let Some((partition, row)) = &wanted {
            let same = |it: &&RowChange| (&it.partition, &it.row) == (partition, row);
            all.iter().filter(same).collect()
        } else {
            let (_, row) = canonical(self.table, "*", &self.keys);
            all.iter().filter(|it| it.row == row).collect()
        };
        if found.is_empty() && self.table == TableName::Hubs {
            let label = |host: &str| host.split('.').next().map(str::to_lowercase);
            let named = Some(self.keys.to_lowercase());
            found = all.iter().filter(|it| label(&it.row) == named).collect();
        }
        match &*found {
            [] => Ok(None),
            [row] => Ok(Some((*row).clone())),
            several => {
                let several: Vec<String> = several.iter().map(|row| keys(row)).collect();
                anyhow::bail!(
                    "`{}` names several rows: {}; write the keys of one, PARTITION/ROW",
                    self.keys,
                    several.join(", ")
                )
            }
        }
    }

    /// Both keys in canonical form; `None` if the word is a row key of any partition.
    fn canonical(&self) -> Option<(String, String)> {
        let (partition, row) = self.both()?;
        Some(canonical(self.table, partition, row))
    }

    /// Both keys as written.
    fn both(&self) -> Option<(&str, &str)> {
        self.keys.split_once('/').or(match self.table {
            TableName::Hubs => Some(("hub", &*self.keys)),
            TableName::Enrollments => Some(("enrollment", &*self.keys)),
            TableName::Tenants => Some(("tenant", &*self.keys)),
            TableName::Devices => Some((&*self.keys, "device")),
            _ => None,
        })
    }

    /// The keys and cells of a new row.
    fn with_keys(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        let Some((partition, row)) = self.both() else {
            anyhow::bail!("`{}` is half of the keys; write PARTITION/ROW", self.keys);
        };
        let keys = [(PARTITION_KEY, partition), (ROW_KEY, row)];
        let keys = keys.map(|(column, text)| (column, text.to_owned()));
        let cells = self.cells.all().iter().cloned();
        Ok(keys.into_iter().chain(cells).collect())
    }

    fn unknown(&self, table: &Table) -> String {
        let all: Vec<String> = rows(self.table, table).iter().map(keys).collect();
        let short = |keys: &String| {
            let row = keys.split_once('/').map(|(_, row)| row.to_owned());
            row.filter(|_| self.both().is_none())
                .unwrap_or_else(|| keys.clone())
        };
        let names: Vec<String> = all.iter().map(short).collect();
        let wanted = match self.canonical() {
            Some((partition, row)) => format!("{partition}/{row}"),
            None => self.keys.clone(),
        };
        let meant = did_you_mean(&wanted, names.iter().map(String::as_str));
        let name = self.table.as_str();
        let keys = &self.keys;
        format!("`{keys}` is not in the {name} table{meant}; --new adds it")
    }
}

/// `partition/row`, as differences show it.
fn keys(row: &RowChange) -> String {
    format!("{}/{}", row.partition, row.row)
}

/// Every row with its canonical keys; `after` is its number.
fn rows(name: TableName, table: &Table) -> Vec<RowChange> {
    diff_table(name, &Table::default(), table)
}

fn canonical(name: TableName, partition: &str, row: &str) -> (String, String) {
    let mut table = Table::default();
    let cells = [(PARTITION_KEY, partition), (ROW_KEY, row)];
    let cells = cells.map(|(column, text)| (table.column(column), text));
    // Two keys of a command line are shorter than any limit of a table.
    let pushed = table.push(None, cells);
    let rows = pushed.map(|()| rows(name, &table)).unwrap_or_default();
    let row_of = rows.into_iter().next();
    row_of.map_or((partition.to_owned(), row.to_owned()), |it| {
        (it.partition, it.row)
    })
}
