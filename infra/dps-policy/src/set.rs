//! `set`: changes one row of a table, in a folder or in the Azure Tables.

mod cells;
mod row;

use std::path::Path;

use dps_allocation::tables::{TableName, Tables};
use dps_policy_store::push::State;
use dps_policy_store::{CsvFolder, RowEdit, StoredTables};

use self::cells::Cells;
use self::row::{Row, Wanted as WantedRow};
use crate::checked::Checked;
use crate::exit::Exit;
use crate::publish::{self, Options, Report, Wanted};
use crate::source::{self, Read, Source};
use crate::{changes, check, output};

/// Change one row: check, show the difference, ask, write
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy set [OPTIONS] <TABLE> <ROW> <COLUMN=VALUE>...",
    after_help = AFTER_HELP
)]
pub(crate) struct Arguments {
    /// Table, such as hubs
    #[arg(value_parser = cells::table)]
    table: TableName,

    /// Keys of the row, PARTITION/ROW; the one that tells rows apart is enough
    row: String,

    /// New values; `COLUMN=` clears the cell
    #[arg(value_name = "COLUMN=VALUE", required = true)]
    cells: Vec<String>,

    /// Add a new row
    #[arg(long)]
    new: bool,

    /// Folder or `tables` [default: what the settings name]
    #[arg(long, value_name = "SOURCE", value_parser = Source::parser())]
    policy: Option<Source>,

    #[command(flatten)]
    options: Options,
}

const AFTER_HELP: &str = "\
A hub is named by its host name or the first label of it. Comments and layout of
a CSV file stay as they are. A folder is written without a question. In the Azure
Tables, an edit that somebody makes meanwhile is never lost: nothing is written.

Examples:
  dps-policy set hubs contoso-weu-1 weight=5
  dps-policy set hubs contoso-weu-1 state=draining note='moves in May'
  dps-policy set --policy infra/policy rules contoso/100-toasters hub=
  dps-policy set --new latency sg/westeurope milliseconds=160

Exit codes: 0 written or no difference, 1 the tables would have errors, or
somebody else has edited or is pushing, 2 failure.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let row = Row {
        name: arguments.table,
        keys: &arguments.row,
        new: arguments.new,
    };
    let cells = Cells::parse(arguments.table, &arguments.cells)?;
    let options = &arguments.options;
    let source = arguments.policy.map_or_else(Source::of_settings, Ok)?;
    match source {
        Source::Folder(path) => in_folder(&path, row, &cells, options),
        Source::Tables => in_tables(row, &cells, options).await,
        Source::Revision(_) => anyhow::bail!("`{source}` cannot be changed; write `tables`"),
    }
}

fn in_folder(path: &Path, row: Row<'_>, cells: &Cells, options: &Options) -> anyhow::Result<Exit> {
    let folder = CsvFolder::new(path);
    let stored = folder.read()?;
    let wanted = row.with(&stored.tables, cells)?;
    let source = Source::Folder(path.to_owned());
    let StoredTables { findings, .. } = &stored;
    let checked = checked(source, &wanted.tables, findings.clone());
    let Some(policy) = &checked.policy else {
        return check::report(&checked, options.json);
    };
    if !wanted.changes.is_empty() {
        let cells: Vec<(&str, &str)> = wanted.cells.iter().map(|(a, b)| (*a, &**b)).collect();
        let line = wanted.line;
        let edit = RowEdit {
            line,
            cells: &cells,
        };
        folder.edit_row(&stored, row.name, edit, wanted.tables.table(row.name))?;
    }
    let revision = policy.revision();
    if options.json {
        output::print_json(&Report {
            revision,
            changes: &wanted.changes,
            written: true,
        })?;
    } else {
        output::print(&changes::text(&wanted.changes))?;
        if !wanted.changes.is_empty() {
            let folder = path.display();
            output::print(&format!("`{folder}` holds revision {}\n", revision.short()))?;
        }
    }
    Ok(Exit::Success)
}

async fn in_tables(row: Row<'_>, cells: &Cells, options: &Options) -> anyhow::Result<Exit> {
    let store = source::azure()?;
    let devices = row.name == TableName::Devices;
    let state = if devices {
        State::with_device(&store, &row.device()?).await?
    } else {
        State::read(&store, false).await?
    };
    let WantedRow { tables, .. } = row.with(state.tables(), cells)?;
    let checked = checked(Source::Tables, &tables, Vec::new());
    let Some(policy) = &checked.policy else {
        return check::report(&checked, options.json);
    };
    let wanted = Wanted {
        revision: policy.revision(),
        base: None,
        tables: &tables,
        devices,
        default_reason: &format!("set {} {} {cells}", row.name.as_str(), row.keys),
        resume: false,
    };
    publish::publish(&store, &state, &wanted, options).await
}

fn checked(source: Source, tables: &Tables, findings: Vec<dps_allocation::Finding>) -> Checked {
    let tables = tables.clone();
    Checked::new(source, Read { tables, findings })
}
