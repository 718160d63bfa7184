//! `shadow stop`: there is no candidate any more.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use dps_allocation::Revision;
use dps_allocation::tables::{TableName, Tables};
use dps_policy_store::PolicyStore;
use dps_policy_store::azure::AzureTables;

use super::place::{Named, Place, WAY_OUT, unnamed};
use crate::exit::Exit;
use crate::publish::{self, Options, Resume, Wanted};
use crate::{ask, output};

/// Withdraw the candidate: show what is removed, ask, empty its tables
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    #[command(flatten)]
    named: Named,

    #[command(flatten)]
    options: Options,

    #[command(flatten)]
    resume: Resume,
}

const AFTER_HELP: &str = "\
Empties the tables of the candidate, so that the webhook decides by the live
policy alone, without a warning. Their history stays. A folder is renamed
instead. The live tables do not change.

Examples:
  dps-policy shadow stop
  dps-policy shadow stop --yes --prefix Trial

Exit codes: 0 withdrawn, or there was no candidate, 1 refused because somebody
else has edited or is pushing, or nobody agreed, 2 failure.";

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let options = &arguments.options;
    let exit = match arguments.named.find()? {
        Place::Tables { store, .. } => match without_rows(&store).await? {
            Some(why) => return nothing(&why, options),
            None => empty_tables(&store, options, arguments.resume).await?,
        },
        Place::Folder(folder) => match without_tables(&folder) {
            Some(why) => return nothing(&why, options),
            None => put_away(&folder, options).await?,
        },
        Place::Unnamed => return Err(unnamed()),
    };
    if exit == Exit::Success && !options.json {
        output::print(
            "nothing is decided beside the live policy after 5 to 22 s; the setting POLICY_SHADOW \
             of the webhook may stay for the next candidate, or be removed\n",
        )?;
    }
    Ok(exit)
}

/// Why there is no candidate to withdraw from tables.
async fn without_rows(store: &AzureTables) -> anyhow::Result<Option<String>> {
    Ok(match PolicyStore::Azure(store.clone()).read().await {
        Err(error) if error.is_nothing_there() => Some(format!("{store} has no tables")),
        // If a table is missing beside others, the webhook goes on with the candidate that it has.
        Err(error) if error.is_no_table() => None,
        read => read?.is_empty().then(|| format!("{store} has no rows")),
    })
}

/// Why there is no candidate to put away. A table with faults counts: it can be put away too.
fn without_tables(folder: &Path) -> Option<String> {
    let shown = folder.display();
    if !folder.is_dir() {
        return Some(format!("`{shown}` is missing"));
    }
    let mut files = TableName::all().map(|it| folder.join(it.file_name()));
    let has_table = files.any(|file| file.is_file());
    (!has_table).then(|| format!("`{shown}` holds no config table"))
}

async fn empty_tables(
    store: &AzureTables,
    options: &Options,
    resume: Resume,
) -> anyhow::Result<Exit> {
    let tables = Tables::default();
    let revision = Revision::of_tables(&tables);
    let wanted = Wanted {
        way_out: Some(WAY_OUT),
        ..Wanted::new(revision, &tables, "shadow stop", resume)
    };
    publish::run(store, &wanted, options).await
}

/// The folder gets another name, since an operator may have no other copy of it.
async fn put_away(folder: &Path, options: &Options) -> anyhow::Result<Exit> {
    let shown = folder.display();
    let away = free_name(folder);
    let question = format!("rename `{shown}` to `{}`?", away.display());
    if !options.yes && !ask::confirmed(&question).await? {
        output::note("nothing was renamed");
        return Ok(Exit::Findings);
    }
    let renamed = fs::rename(folder, &away);
    renamed.with_context(|| format!("`{shown}` cannot be renamed"))?;
    if options.json {
        output::print_json(&serde_json::json!({ "written": true, "renamedTo": away }))?;
    } else {
        output::print(&format!("`{shown}` is `{}` now\n", away.display()))?;
    }
    Ok(Exit::Success)
}

fn nothing(why: &str, options: &Options) -> anyhow::Result<Exit> {
    if options.json {
        output::print_json(&serde_json::json!({ "written": false }))?;
    } else {
        output::print(&format!("there is no candidate: {why}\n"))?;
    }
    Ok(Exit::Success)
}

/// `draft.stopped`, or `draft.stopped-2` and so on.
fn free_name(folder: &Path) -> PathBuf {
    let name = |number: u32| {
        let mut name = folder.as_os_str().to_owned();
        name.push(".stopped");
        if number > 1 {
            name.push(format!("-{number}"));
        }
        PathBuf::from(name)
    };
    let mut number = 1;
    while name(number).exists() {
        number += 1;
    }
    name(number)
}
