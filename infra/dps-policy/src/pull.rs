//! `pull`: writes the Azure Tables as a folder of CSV files.

mod folder;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use dps_allocation::tables::{TableName, Tables};
use dps_policy_store::push::Unfinished;
use dps_policy_store::{LastGood, PolicyStore};
use jiff::Timestamp;

use self::folder::Folder;
use crate::base::{Base, Fingerprint};
use crate::checked::Checked;
use crate::exit::Exit;
use crate::source::{self, Read, Source};
use crate::{check, formulas, output};

/// Write the Azure Tables as a folder of CSV files
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Folder to write; created if it is missing
    folder: PathBuf,

    /// `tables` or `tables@REVISION`
    #[arg(long, value_name = "SOURCE", default_value = "tables")]
    from: Source,

    /// Include the devices table, which may be large
    #[arg(long)]
    devices: bool,

    /// Replace files whose rows differ, even by those of an unfinished push
    #[arg(long)]
    force: bool,

    /// Also write the policy for webhooks that start while the tables are unreachable
    #[arg(long, value_name = "FILE")]
    last_good: Option<PathBuf>,
}

/// Most cells that are reported; check reports all but those of devices.
const MAX_FORMULAS: usize = 20;

const AFTER_HELP: &str = "\
The hidden file .revision records the revision, so that push can tell your edits
from those of others. A file that has the same rows already does not change, so
that its comments stay.

Examples:
  dps-policy pull my-policy
  dps-policy pull --force --from tables@0123456789ab infra/policy
  dps-policy pull --last-good infra/last-good.policy my-policy

Exit codes: 0 written, 1 nothing was written, because the folder has other rows,
a push has not finished, or --last-good would hold errors (which are shown),
2 the tables cannot be read or the files not written.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    anyhow::ensure!(
        !matches!(arguments.from, Source::Folder(_)),
        "`{}` is a folder; pull reads `tables` or `tables@REVISION`",
        arguments.from
    );
    let (read, unfinished) = read(&arguments.from).await?;
    if let Some(push) = unfinished.filter(|_| !arguments.force) {
        output::note(&format!(
            "{push}: the tables are half of one version and half of another; nothing was written. \
             pull when it has finished, or add --force"
        ));
        return Ok(Exit::Findings);
    }
    let checked = Checked::new(arguments.from, read);
    if checked.policy.is_none() {
        if arguments.last_good.is_some() {
            return check::report(&checked, false);
        }
        output::note("the tables have errors, which check shows");
    }
    let mut tables = checked.tables.clone();
    if arguments.devices {
        let findings = source::azure()?.add_devices(&mut tables).await?;
        if !findings.is_empty() {
            output::note("keys of device rows need a repair, which check shows");
        }
    }
    let names = TableName::all();
    let names = names.filter(|name| name.is_in_revision() || arguments.devices);
    let there = Folder::read(&arguments.folder, &tables, names.collect())?;
    if !arguments.force && !there.may_be_written() {
        there.show()?;
        return Ok(Exit::Findings);
    }
    there.write(&tables)?;
    for finding in formulas::warnings(&tables).iter().take(MAX_FORMULAS) {
        output::note(&finding.to_string());
    }
    match &checked.policy {
        Some(policy) => {
            let source = source::azure()?.to_string();
            let devices = if arguments.devices {
                Some(Fingerprint::of_devices(&tables))
            } else {
                // A `devices` that was pulled before stays as it is.
                Base::read(&arguments.folder)?
                    .filter(|before| before.source == source)
                    .and_then(|before| before.devices)
            };
            let base = Base {
                revision: policy.revision().into(),
                source,
                rows: Some(Fingerprint::of_rows(&tables)),
                devices,
            };
            base.write(&arguments.folder)
        }
        None => Base::remove(&arguments.folder),
    }?;
    match arguments.last_good {
        Some(file) => write_last_good(&file, &checked.tables),
        None => Ok(()),
    }?;
    Ok(Exit::Success)
}

/// The tables, and the push that has not finished while they were read.
async fn read(source: &Source) -> anyhow::Result<(Read, Option<Unfinished>)> {
    if *source != Source::Tables {
        return Ok((source::read(source).await?, None));
    }
    let mut stored = PolicyStore::Azure(source::azure()?).read().await?;
    let push = stored.push_under_way.take();
    Ok((stored.into(), push))
}

fn write_last_good(file: &Path, tables: &Tables) -> anyhow::Result<()> {
    let source = source::azure()?.to_string();
    let written = LastGood::write(file, &source, Timestamp::now(), tables);
    let file = file.display();
    written.with_context(|| format!("`{file}` cannot be written"))?;
    output::print(&format!("last good policy written to `{file}`\n"))
}
