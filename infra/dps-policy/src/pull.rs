//! `pull`: the Azure Tables as a folder of CSV files.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use dps_allocation::tables::{RowChange, TableName, Tables, diff};
use dps_policy_store::{CsvFolder, LastGood, ReadError};
use jiff::Timestamp;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::source::{self, Source};
use crate::{changes, check, output};

/// Write the Azure Tables as CSV files, which check, explain and push take
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Folder to write; it is made where it is missing
    folder: PathBuf,

    /// `tables` or `tables@REVISION`
    #[arg(long, default_value = "tables", value_parser = Source::parser())]
    from: Source,

    /// Also the devices table, which may be large
    #[arg(long)]
    devices: bool,

    /// Replace files whose rows differ
    #[arg(long)]
    force: bool,

    /// Also write the file that a deployment can carry: what the webhook starts with while the
    /// tables cannot be read
    #[arg(long, value_name = "FILE")]
    last_good: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Examples:
  dps-policy pull /tmp/policy
  dps-policy pull --force --from tables@0123456789ab infra/policy
  dps-policy pull --last-good infra/last-good.policy /tmp/policy

Exit codes: 0 written, 1 the folder has other rows (which are shown) or --last-good would hold
errors, 2 the tables cannot be read or the files not written.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    anyhow::ensure!(
        !matches!(arguments.from, Source::Folder(_)),
        "`{}` is a folder; pull reads `tables` or `tables@REVISION`",
        arguments.from
    );
    let mut tables = source::read(&arguments.from).await?.tables;
    if arguments.devices {
        source::azure()?.add_devices(&mut tables).await?;
    }
    let names: Vec<TableName> = TableName::ALL
        .into_iter()
        .filter(|name| name.is_in_revision() || arguments.devices)
        .collect();
    let folder = CsvFolder::new(&arguments.folder);
    let differences = differences(&folder, &tables, &names)?;
    if !differences.is_empty() && !arguments.force {
        output::print(&changes::text(&differences))?;
        let folder = arguments.folder.display();
        eprintln!(
            "dps-policy: `{folder}` has other rows, nothing was written; add --force to replace them"
        );
        return Ok(Exit::Findings);
    }
    let written = folder.write(&tables, names.iter().copied());
    written.with_context(|| format!("`{}` cannot be written", arguments.folder.display()))?;
    let rows: usize = names.iter().map(|name| tables.table(*name).len()).sum();
    let (count, from) = (names.len(), &arguments.from);
    output::print(&format!(
        "{rows} rows of {count} tables of {from} written to {folder}\n"
    ))?;
    match arguments.last_good {
        Some(file) => write_last_good(&file, arguments.from).await,
        None => Ok(Exit::Good),
    }
}

/// What would be lost; nothing where the folder has no table yet.
fn differences(
    folder: &CsvFolder,
    tables: &Tables,
    names: &[TableName],
) -> anyhow::Result<Vec<RowChange>> {
    let mut changes = match folder.read() {
        Ok(there) => diff(&there.tables, tables),
        Err(ReadError::NoTables { .. }) => Vec::new(),
        Err(ReadError::Folder { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Vec::new()
        }
        Err(error) => return Err(error.into()),
    };
    changes.retain(|row| names.contains(&row.table));
    Ok(changes)
}

async fn write_last_good(file: &Path, from: Source) -> anyhow::Result<Exit> {
    let checked = Checked::read(Some(from)).await?;
    if checked.policy.is_none() {
        return check::report(&checked, false);
    }
    let source = source::azure()?.to_string();
    let written = LastGood::write(file, &source, Timestamp::now(), &checked.tables);
    written.with_context(|| format!("`{}` cannot be written", file.display()))?;
    output::print(&format!(
        "last good policy written to `{}`\n",
        file.display()
    ))?;
    Ok(Exit::Good)
}
