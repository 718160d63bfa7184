//! What `push`, `rollback` and `set` share: show the difference, ask, write.

mod model;
mod overtaken;
mod write;

use dps_policy_store::azure::AzureTables;
use dps_policy_store::push::{Plan, PlanError, PushError, State};

use crate::exit::Exit;
use crate::output::{self, counted, the_tables};
use crate::{ask, changes};
pub(crate) use model::{Options, Report, Resume, Wanted};
use overtaken::{is_overtaken, overtaken};
use write::{Unwritten, write};

pub(crate) async fn run(
    store: &AzureTables,
    wanted: &Wanted<'_>,
    options: &Options,
) -> anyhow::Result<Exit> {
    let Some(store) = create_tables(store, options).await? else {
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
    if wanted.resume {
        output::note(&resumes(state, wanted));
    }
    let strays = if wanted.resume { state.strays() } else { 0 };
    let done = plan.changes.is_empty() && state.unfinished().is_none() && strays == 0;
    let written = match state.unfinished() {
        _ if done => Ok(()),
        Some(other) if !wanted.resume => Err(Unwritten::Push(PushError::Unfinished(other.clone()))),
        _ => match agreed(&question(&plan, state, store), store, options).await? {
            None => return Ok(declined()),
            Some(store) => write(&store, state, &plan, wanted, options).await,
        },
    };
    let written = match written {
        Err(Unwritten::Push(unnoted @ PushError::Unnoted(_))) => {
            output::complain(&unnoted.into());
            Ok(())
        }
        written => written,
    };
    if options.json {
        output::print_json(&Report {
            revision: wanted.revision,
            changes: &plan.changes,
            preview: wanted.preview,
            written: written.is_ok(),
        })?;
    } else if written.is_ok() && !done {
        output::print(&format!(
            "the tables hold revision {}\n",
            wanted.revision.short()
        ))?;
    }
    match written {
        Ok(()) => Ok(Exit::Success),
        Err(refused) if refused.is_by_others() => {
            output::note(&refused.message(wanted));
            Ok(Exit::Findings)
        }
        Err(error) => anyhow::bail!("{}", error.message(wanted)),
    }
}

/// Creates missing tables; `None` if the answer is no.
async fn create_tables(
    store: &AzureTables,
    options: &Options,
) -> anyhow::Result<Option<AzureTables>> {
    let missing = store.missing_tables().await?;
    if missing.is_empty() {
        return Ok(Some(store.clone()));
    }
    let question = format!("create {} of {store}?", the_tables(&missing));
    let Some(store) = agreed(&question, store, options).await? else {
        return Ok(None);
    };
    for table in store.create_missing_tables().await? {
        output::note(&format!("table {table} created"));
    }
    Ok(Some(store))
}

/// Which push is finished, before anything is asked.
fn resumes(state: &State, wanted: &Wanted<'_>) -> String {
    let revision = wanted.revision;
    match state.unfinished() {
        None => "no push is unfinished, so that --resume finishes none".to_owned(),
        Some(other) if revision.to_string().starts_with(&other.revision) => {
            format!("{other}; this finishes it")
        }
        Some(other) => {
            let revision = revision.short();
            format!("{other}; this writes revision `{revision}` in its place")
        }
    }
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

/// The tables over new connections, since a person may take long to answer; `None` if the answer
/// is no.
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
