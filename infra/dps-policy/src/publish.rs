//! What `push` and `rollback` share: show the difference, ask, write.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Context as _;
use dps_allocation::Revision;
use dps_allocation::tables::{RowChange, Tables};
use dps_policy_store::azure::AzureTables;
use dps_policy_store::push::{Plan, Push, PushError, State, push};
use serde::Serialize;

use crate::exit::Exit;
use crate::{changes, output};

/// How to write.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Why; history shows it
    #[arg(long)]
    reason: Option<String>,

    /// Who; history shows it
    #[arg(long, env = "USER", hide_env_values = true, default_value = "unknown")]
    author: String,

    /// Do not ask
    #[arg(long, short)]
    yes: bool,

    /// Go on where another push or rollback was interrupted
    #[arg(long)]
    resume: bool,

    /// Print JSON: revision, changes, written; needs --yes
    #[arg(long, requires = "yes")]
    pub(crate) json: bool,
}

/// What the tables should hold.
pub(crate) struct Wanted<'a> {
    pub(crate) revision: Revision,
    pub(crate) tables: &'a Tables,
    pub(crate) devices: bool,
    pub(crate) default_reason: &'a str,
}

/// What `push --json` and `rollback --json` answer.
#[derive(Serialize)]
struct Report<'a> {
    revision: Revision,
    changes: &'a [RowChange],
    /// Whether the tables hold the revision now.
    written: bool,
}

pub(crate) async fn run(
    store: &AzureTables,
    wanted: &Wanted<'_>,
    options: &Options,
) -> anyhow::Result<Exit> {
    let state = State::read(store, wanted.devices).await?;
    let plan = Plan::between(&state, wanted.tables);
    let plan = plan.map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("Azure Tables cannot hold these rows: {}", errors.join("; "))
    })?;
    let differs = !plan.changes.is_empty() || state.unfinished.is_some();
    if !options.json {
        output::print(&changes::text(&plan.changes))?;
    }
    let question = format!("write {} changed rows to {store}?", plan.changes.len());
    if differs && !options.yes && !confirmed(&question)? {
        eprintln!("dps-policy: nothing was written");
        return Ok(Exit::Findings);
    }
    let written = if differs {
        write(store, &state, &plan, wanted, options).await
    } else {
        Ok(())
    };
    if options.json {
        output::print_json(&Report {
            revision: wanted.revision,
            changes: &plan.changes,
            written: written.is_ok(),
        })?;
    }
    match written {
        Ok(()) if !differs => Ok(Exit::Good),
        Ok(()) => {
            if !options.json {
                output::print(&format!("the tables hold revision {}\n", wanted.revision))?;
            }
            Ok(Exit::Good)
        }
        Err(error @ (PushError::Conflict(_) | PushError::Unfinished(_))) => {
            output::complain(&error.into());
            Ok(Exit::Findings)
        }
        Err(error) => Err(error.into()),
    }
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
        resume: options.resume,
    };
    let shows = io::stderr().is_terminal();
    let written = push(store, state, plan, &by, |done, all| {
        if shows {
            eprint!("\r{done} of {all} rows written ");
        }
    });
    let written = written.await;
    if shows {
        eprintln!();
    }
    written
}

/// Asks on the terminal; where there is none, nobody can have agreed.
fn confirmed(question: &str) -> anyhow::Result<bool> {
    anyhow::ensure!(
        io::stdin().is_terminal(),
        "nobody can be asked here whether to write; add --yes"
    );
    eprint!("{question} [y/N] ");
    io::stderr().flush().context("stderr cannot be written")?;
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .context("stdin cannot be read")?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
