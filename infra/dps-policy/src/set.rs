//! `set`: changes one row of a table, in a folder or in the Azure Tables.

use dps_allocation::tables::TableName;

use crate::edit::{self, Cells, Edit, Made};
use crate::exit::Exit;
use crate::publish::Options;
use crate::source::Source;

/// Change one row: check, show the difference, ask, write
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy set [OPTIONS] <TABLE> <ROW> <COLUMN=VALUE>...",
    after_help = AFTER_HELP
)]
pub(crate) struct Arguments {
    /// Table, such as hubs
    #[arg(value_parser = edit::table)]
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
    #[arg(long, value_name = "SOURCE")]
    policy: Option<Source>,

    #[command(flatten)]
    options: Options,
}

const AFTER_HELP: &str = "\
A hub is named by its host name or its first label. Comments and layout of a CSV
file stay as they are. A folder is written without a question. In Azure Tables,
an edit that somebody makes meanwhile is never lost: nothing is written.

Examples:
  dps-policy set hubs contoso-weu-1 weight=5
  dps-policy set hubs contoso-weu-1 state=draining note='moves in May'
  dps-policy set --policy infra/policy rules contoso/100-toasters hub=
  dps-policy set --new latency sg/westeurope milliseconds=160

Exit codes: 0 written or no difference, 1 the tables would have errors, or
somebody else has edited or is pushing, 2 failure.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let edit = Edit {
        table: arguments.table,
        keys: arguments.row,
        new: arguments.new,
        cells: Cells::parse(arguments.table, &arguments.cells)?,
    };
    let device = edit.device()?;
    edit::write_with(arguments.policy, device, &arguments.options, |_tables| {
        let (table, keys, cells) = (edit.table.as_str(), &edit.keys, &edit.cells);
        Ok(Made {
            reason: format!("set {table} {keys} {cells}"),
            preface: String::new(),
            foreseen: None,
            edits: vec![edit],
        })
    })
    .await
}
