//! `shadow start`: a draft becomes the candidate.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use dps_allocation::tables::{RowChange, TableName, Tables, diff};
use dps_policy_store::azure::AzureTables;
use dps_policy_store::{CsvFolder, StoreError};
use reqwest::Url;

use super::place::{Named, Place, WAY_OUT};
use crate::checked::Checked;
use crate::exit::Exit;
use crate::publish::{self, Options, Report, Resume, Wanted};
use crate::source::Source;
use crate::webhook::{self, Reported};
use crate::{ask, changes, check, output};

/// Make a folder the candidate: check, show the difference, ask, write
#[derive(Debug, clap::Args)]
#[command(override_usage = "dps-policy shadow start [OPTIONS] <DRAFT>", after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// Folder of the CSV files of the candidate
    #[arg(value_name = "DRAFT")]
    draft: PathBuf,

    #[command(flatten)]
    named: Named,

    /// Ask this webhook whether it has a candidate; `OPERATOR_KEY` is its key
    #[arg(long, value_name = "URL", value_parser = webhook::url)]
    url: Option<Url>,

    #[command(flatten)]
    options: Options,

    #[command(flatten)]
    resume: Resume,
}

const AFTER_HELP: &str = "\
The draft is checked and written as by push, to tables of its own, which are
created if they are missing. The live tables do not change. Device rows are not
written: the candidate reads those of the live policy.

Examples:
  dps-policy shadow start draft
  dps-policy shadow start --url https://APP.azurewebsites.net draft
  dps-policy shadow start --yes --reason 'heavier weu-1' --prefix Trial draft

Exit codes: 0 written or no difference, 1 errors in the draft, or refused
because somebody else has edited or is pushing, 2 failure.";

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let Arguments { draft, options, .. } = &arguments;
    let place = arguments.named.find()?;
    let checked = Checked::read(Some(Source::Folder(draft.clone()))).await?;
    if checked.policy.is_none() {
        return check::report(&checked, options.json);
    }
    let (exit, name) = match place {
        Place::Tables { store, name } => {
            let resume = arguments.resume;
            (write_tables(&store, &checked, options, resume).await?, name)
        }
        Place::Folder(folder) => {
            let exit = write_folder(&folder, draft, &checked, options).await?;
            (exit, folder.display().to_string())
        }
        // What the live policy is read from says where the candidate can be.
        Place::Unnamed => {
            if options.json {
                report(&checked, &[], false)?;
            }
            (Exit::Success, draft.display().to_string())
        }
    };
    if exit == Exit::Success && !options.json {
        let asked = match &arguments.url {
            Some(url) => Some((url, webhook::candidate(url).await?)),
            None => None,
        };
        output::print(&next(&name, asked))?;
    }
    Ok(exit)
}

async fn write_tables(
    store: &AzureTables,
    checked: &Checked,
    options: &Options,
    resume: Resume,
) -> anyhow::Result<Exit> {
    let policy = checked.policy.as_ref().context("the draft has errors")?;
    let wanted = Wanted {
        way_out: Some(WAY_OUT),
        ..Wanted::new(policy.revision(), &checked.tables, "shadow start", resume)
    };
    publish::run(store, &wanted, options).await
}

/// The folder of the candidate holds what the draft does, its notes included.
async fn write_folder(
    folder: &Path,
    draft: &Path,
    checked: &Checked,
    options: &Options,
) -> anyhow::Result<Exit> {
    let store = CsvFolder::new(folder);
    let before = match store.read() {
        Ok(stored) => stored.tables,
        Err(error) => match StoreError::from(error) {
            nothing if nothing.is_nothing_there() => Tables::default(),
            error => return Err(error.into()),
        },
    };
    let changes = if folder == draft {
        Vec::new()
    } else {
        diff(&before, &checked.tables)
    };
    if !options.json {
        output::print(&changes::text(&changes))?;
    }
    if !changes.is_empty() {
        let rows = output::counted(changes.len(), "row");
        let shown = folder.display();
        if !options.yes && !ask::confirmed(&format!("write {rows} to `{shown}`?")).await? {
            output::note("nothing was written");
            return Ok(Exit::Findings);
        }
        let written = store.write(&checked.tables, TableName::all());
        written.with_context(|| format!("`{shown}` cannot be written"))?;
    }
    if options.json {
        report(checked, &changes, true)?;
    }
    Ok(Exit::Success)
}

fn report(checked: &Checked, changes: &[RowChange], written: bool) -> anyhow::Result<()> {
    let policy = checked.policy.as_ref().context("the draft has errors")?;
    output::print_json(&Report {
        revision: policy.revision(),
        changes,
        preview: None,
        written,
    })
}

/// What is left to do, as far as is known.
fn next(name: &str, asked: Option<(&Url, Option<Reported>)>) -> String {
    let set = format!("set POLICY_SHADOW={name} on the webhook");
    let Some((url, candidate)) = asked else {
        return format!(
            "{set}, if it is not; `dps-policy shadow status URL` shows what it decides\n"
        );
    };
    match candidate {
        Some(candidate) if candidate.is_of(name) => {
            "the webhook polls the candidate; it is decided after 5 to 22 s\n".to_owned()
        }
        Some(it) => format!("{set}: its candidate is {}\n", it.source),
        None => format!("{set}: {url} decides no candidate\n"),
    }
}
