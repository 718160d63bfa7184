//! Which row is meant, and what the table says with its new cells.

use std::num::NonZeroU32;

use dps_allocation::tables::{RowChange, Table, TableName, Tables, diff_table};
use dps_fleet::edit::with_cells;
use dps_policy_store::azure::KeyPart;

use super::cells::{Cells, PARTITION_KEY, ROW_KEY, did_you_mean};

/// A row as it is named on the command line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) name: TableName,
    pub(super) keys: &'a str,
    /// Whether it is to be added.
    pub(super) new: bool,
}

/// The tables with the row changed.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) tables: Tables,
    pub(super) changes: Vec<RowChange>,
    /// The line of the file that the row begins on; none for a new row.
    pub(super) line: Option<NonZeroU32>,
    /// Those to write; a new row's with its keys.
    pub(super) cells: Vec<(&'static str, String)>,
}

impl Row<'_> {
    /// The tables with these cells in the row.
    ///
    /// # Errors
    /// When no row or several are meant, or a new one is there.
    pub(super) fn with(self, tables: &Tables, cells: &Cells) -> anyhow::Result<Wanted> {
        let before = tables.table(self.name);
        let (number, written) = match (self.find(before)?, self.new) {
            (Some(row), false) => (row.after, cells.all().to_vec()),
            (None, true) => (None, self.with_keys(cells)?),
            (Some(row), true) => anyhow::bail!(
                "`{}` is in the {} table; leave out --new",
                keys(&row),
                self.name.as_str()
            ),
            (None, false) => anyhow::bail!("{}", self.unknown(before)),
        };
        let after = with_cells(self.name, before, number, &written)?;
        let line = number.and_then(|number| before.rows().nth(number)?.line());
        let changes = diff_table(self.name, before, &after);
        let mut tables = tables.clone();
        *tables.table_mut(self.name) = after;
        Ok(Wanted {
            tables,
            changes,
            line,
            cells: written,
        })
    }

    /// The partition of the device.
    ///
    /// # Errors
    /// When no device can have that id.
    pub(super) fn device(self) -> anyhow::Result<KeyPart> {
        let (id, _) = self.canonical().unwrap_or_default();
        Ok(KeyPart::parse(&id)?)
    }

    /// The only row that is meant.
    fn find(self, table: &Table) -> anyhow::Result<Option<RowChange>> {
        let all = rows(self.name, table);
        let wanted = self.canonical();
        let mut found: Vec<&RowChange> = if let Some((partition, row)) = &wanted {
            let same = |it: &&RowChange| (&it.partition, &it.row) == (partition, row);
            all.iter().filter(same).collect()
        } else {
            let (_, row) = canonical(self.name, "*", self.keys);
            all.iter().filter(|it| it.row == row).collect()
        };
        if found.is_empty() && self.name == TableName::Hubs {
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

    /// Both keys in canonical form; none where the word is a row key of any partition.
    fn canonical(self) -> Option<(String, String)> {
        let (partition, row) = self.both()?;
        Some(canonical(self.name, partition, row))
    }

    /// Both keys as written.
    fn both(&self) -> Option<(&str, &str)> {
        self.keys.split_once('/').or(match self.name {
            TableName::Hubs => Some(("hub", self.keys)),
            TableName::Enrollments => Some(("enrollment", self.keys)),
            TableName::Tenants => Some(("tenant", self.keys)),
            TableName::Devices => Some((self.keys, "device")),
            _ => None,
        })
    }

    /// The keys and cells of a new row.
    fn with_keys(self, cells: &Cells) -> anyhow::Result<Vec<(&'static str, String)>> {
        let Some((partition, row)) = self.both() else {
            anyhow::bail!("`{}` is half of the keys; write PARTITION/ROW", self.keys);
        };
        let keys = [(PARTITION_KEY, partition), (ROW_KEY, row)];
        let keys = keys.map(|(column, text)| (column, text.to_owned()));
        Ok(keys
            .into_iter()
            .chain(cells.all().iter().cloned())
            .collect())
    }

    fn unknown(self, table: &Table) -> String {
        let all: Vec<String> = rows(self.name, table).iter().map(keys).collect();
        let short = |keys: &String| {
            let row = keys.split_once('/').map(|(_, row)| row.to_owned());
            row.filter(|_| self.both().is_none())
                .unwrap_or_else(|| keys.clone())
        };
        let names: Vec<String> = all.iter().map(short).collect();
        let wanted = match self.canonical() {
            Some((partition, row)) => format!("{partition}/{row}"),
            None => self.keys.to_owned(),
        };
        let meant = did_you_mean(&wanted, names.iter().map(String::as_str));
        let name = self.name.as_str();
        let keys = self.keys;
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
