//! What `push` and `rollback` share: show the difference, ask, write.

use std::io::{self, IsTerminal as _};

use dps_allocation::tables::{RowChange, TableName, Tables, diff};
use dps_allocation::{Revision, RevisionPrefix};
use dps_policy_store::Revisions;
use dps_policy_store::azure::AzureTables;
use dps_policy_store::push::{Plan, PlanError, Push, PushError, State, push};
use serde::Serialize;

use crate::base::{Base, Fingerprint};
use crate::exit::Exit;
use crate::output::{self, counted};
use crate::{ask, changes};

/// How to write.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Why; history shows it
    #[arg(long)]
    reason: Option<String>,

    /// Who; history shows it as a claim, beside the identity that signs in
    #[arg(long, env = "USER", hide_env_values = true, default_value = "unknown")]
    author: String,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    /// Print JSON: revision, changes, written; needs --yes
    #[arg(long, requires = "yes")]
    pub(crate) json: bool,
}

/// Whether to go on where another push was interrupted.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Resume {
    /// Go on where another push or rollback was interrupted
    #[arg(long)]
    pub(crate) resume: bool,
}

/// What the tables should hold.
pub(crate) struct Wanted<'a> {
    pub(crate) revision: Revision,
    pub(crate) tables: &'a Tables,
    pub(crate) devices: bool,
    pub(crate) default_reason: &'a str,
    pub(crate) resume: bool,
    /// What the wanted tables are an edit of, where that is known.
    pub(crate) base: Option<&'a Base>,
}

/// What `push --json`, `rollback --json` and `set --json` answer.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    pub(crate) revision: Revision,
    pub(crate) changes: &'a [RowChange],
    /// Whether the tables hold the revision now.
    pub(crate) written: bool,
}

pub(crate) async fn run(
    store: &AzureTables,
    wanted: &Wanted<'_>,
    options: &Options,
) -> anyhow::Result<Exit> {
    let Some(store) = make_tables(store, options).await? else {
        return Ok(declined());
    };
    let state = State::read(&store, wanted.devices).await?;
    publish(&store, &state, wanted, options).await
}

/// Shows the difference to the tables as they were read, asks, and writes.
pub(crate) async fn publish(
    store: &AzureTables,
    state: &State,
    wanted: &Wanted<'_>,
    options: &Options,
) -> anyhow::Result<Exit> {
    let plan = Plan::between(state, wanted.tables).map_err(|errors| impossible(&errors))?;
    if let Some(base) = wanted.base
        && !plan.changes.is_empty()
        && state.unfinished().is_none()
        && is_overtaken(base, state, &plan)
    {
        return overtaken(store, state, base, wanted, options).await;
    }
    if !options.json {
        output::print(&changes::text(&plan.changes))?;
    }
    let strays = if wanted.resume { state.strays() } else { 0 };
    let done = plan.changes.is_empty() && state.unfinished().is_none() && strays == 0;
    let written = match state.unfinished() {
        _ if done => Ok(()),
        Some(other) if !wanted.resume => Err(PushError::Unfinished(other.clone())),
        _ => match agreed(&question(&plan, state, store), store, options).await? {
            None => return Ok(declined()),
            Some(store) => write(&store, state, &plan, wanted, options).await,
        },
    };
    let written = match written {
        Err(unnoted @ PushError::Unnoted(_)) => {
            output::complain(&unnoted.into());
            Ok(())
        }
        written => written,
    };
    if options.json {
        output::print_json(&Report {
            revision: wanted.revision,
            changes: &plan.changes,
            written: written.is_ok(),
        })?;
    } else if written.is_ok() && !done {
        output::print(&format!(
            "the tables hold revision {}\n",
            wanted.revision.short()
        ))?;
    }
    match written {
        Ok(()) => Ok(Exit::Good),
        Err(refused @ (PushError::Conflict(_) | PushError::Unfinished(_))) => {
            output::complain(&refused.into());
            Ok(Exit::Findings)
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether others have edited what the plan would write over; `devices` and notes are in no
/// revision.
fn is_overtaken(base: &Base, state: &State, plan: &Plan) -> bool {
    let other = |before: &Option<Fingerprint>, now: fn(&Tables) -> Fingerprint| {
        before.as_ref().is_some_and(|it| *it != now(state.tables()))
    };
    let devices = |row: &RowChange| row.table == TableName::Devices;
    !state
        .revision()
        .is_some_and(|now| base.revision.matches(now))
        || other(&base.rows, Fingerprint::of_rows)
        || plan.changes.iter().any(devices) && other(&base.devices, Fingerprint::of_devices)
}

/// Says what others have changed since the folder was pulled.
async fn overtaken(
    store: &AzureTables,
    state: &State,
    base: &Base,
    wanted: &Wanted<'_>,
    options: &Options,
) -> anyhow::Result<Exit> {
    let Base {
        revision: base,
        rows,
        ..
    } = base;
    let now = state.revision();
    let is_base = now.is_some_and(|now| base.matches(now));
    let theirs = match Revisions::of(store).find(base).await {
        // It is kept with the notes of its first time, which need not be those that were pulled.
        Ok(before) if is_base && rows.as_ref() != Some(&Fingerprint::of_rows(&before.tables)) => {
            Vec::new()
        }
        Ok(before) => {
            let mut theirs = diff(&before.tables, state.tables());
            theirs.retain(|row| row.table.is_in_revision());
            theirs
        }
        Err(error) if error.is_about_content() => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    if options.json {
        output::print_json(&Overtaken {
            report: Report {
                revision: wanted.revision,
                changes: &[],
                written: false,
            },
            base,
            theirs: &theirs,
        })?;
    } else if !theirs.is_empty() {
        output::print(&format!(
            "changed by others since revision {}:\n{}",
            base.short(),
            changes::text(&theirs)
        ))?;
    }
    let now = match now {
        Some(_) if is_base => {
            "but notes or device rows have been edited since, which are in no revision".to_owned()
        }
        Some(now) => format!("but the tables hold revision {} now", now.short()),
        None => "but the tables have been edited, and have errors".to_owned(),
    };
    output::note(&format!(
        "the folder was pulled at revision {}, {now}; nothing was written: pull into another \
         folder and carry your edits over, or add --force to undo those of others",
        base.short()
    ));
    Ok(Exit::Findings)
}

/// What `push --json` answers where others have edited since the pull.
#[derive(Serialize)]
struct Overtaken<'a> {
    #[serde(flatten)]
    report: Report<'a>,
    /// The revision that the folder was pulled at.
    base: &'a RevisionPrefix,
    /// What others have changed since.
    theirs: &'a [RowChange],
}

/// Makes tables that are missing; none where that is not wanted.
async fn make_tables(
    store: &AzureTables,
    options: &Options,
) -> anyhow::Result<Option<AzureTables>> {
    let missing = store.missing_tables().await?;
    if missing.is_empty() {
        return Ok(Some(store.clone()));
    }
    let question = format!("create the tables {} of {store}?", missing.join(", "));
    let Some(store) = agreed(&question, store, options).await? else {
        return Ok(None);
    };
    for table in store.create_missing_tables().await? {
        output::note(&format!("table {table} created"));
    }
    Ok(Some(store))
}

fn question(plan: &Plan, state: &State, store: &AzureTables) -> String {
    match plan.changes.len() {
        0 if state.unfinished().is_none() => {
            let strays = counted(state.strays(), "row");
            format!("delete {strays} that mark no push from {store}?")
        }
        0 => format!("end the unfinished push to {store}?"),
        rows => format!("write {} to {store}?", counted(rows, "row")),
    }
}

/// The tables over connections that are as new as the answer; none where it is no.
async fn agreed(
    question: &str,
    store: &AzureTables,
    options: &Options,
) -> anyhow::Result<Option<AzureTables>> {
    if options.yes {
        return Ok(Some(store.clone()));
    }
    let agreed = ask::confirmed(question).await?;
    agreed.then(|| Ok(store.reconnected()?)).transpose()
}

fn declined() -> Exit {
    output::note("nothing was written");
    Exit::Findings
}

fn impossible(errors: &[PlanError]) -> anyhow::Error {
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("Azure Tables cannot hold these rows: {}", errors.join("; "))
}

async fn write(
    store: &AzureTables,
    state: &State,
    plan: &Plan,
    wanted: &Wanted<'_>,
    options: &Options,
) -> Result<(), PushError> {
    let by = Push {
        revision: wanted.revision,
        tables: wanted.tables,
        author: &options.author,
        reason: options.reason.as_deref().unwrap_or(wanted.default_reason),
        resume: wanted.resume,
    };
    let on_terminal = io::stderr().is_terminal();
    let mut shown = false;
    let progress = |done, all| {
        if on_terminal {
            eprint!("\r{done} of {all} rows written ");
            shown = true;
        }
    };
    let written = push(store, state, plan, &by, progress).await;
    if shown {
        eprintln!();
    }
    written
}
