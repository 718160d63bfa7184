//! A push that is held against a plan.

use std::path::PathBuf;

use dps_allocation::tables::Tables;
use dps_policy_store::azure::AzureTables;
use dps_policy_store::push::State;
use serde::Serialize;

use crate::base::Fingerprint;
use crate::exit::Exit;
use crate::output::{self, one_line};
use crate::plan_file::{Misfit, PlanFile, Pushed, assumptions, misfits, sentence};
use crate::publish::{self, Options, Report, Wanted};
use crate::source;

/// The plan that a push is held against.
#[derive(Debug, clap::Args)]
pub(super) struct Held {
    /// Push only if a plan of `preview --out` still fits
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub(super) plan: Option<PathBuf>,

    /// Refuse a plan that moves more devices, or one across residency
    #[arg(long, value_name = "NUMBER", requires = "plan")]
    pub(super) max_moves: Option<u64>,
}

/// What `push --json` answers if the plan does not fit.
#[derive(Serialize)]
struct Refused<'a> {
    #[serde(flatten)]
    report: Report<'a>,
    /// What does not fit, and what to do.
    refused: &'a [String],
}

/// Pushes if the plan fits the tables as they were read; a later edit is found by the push.
///
/// # Errors
/// When the tables or a file of the fleet cannot be read, or the push fails.
pub(super) async fn push(
    store: &AzureTables,
    plan: &PlanFile,
    most: Option<u64>,
    wanted: &Wanted<'_>,
    options: &Options,
) -> anyhow::Result<Exit> {
    let missing = store.missing_tables().await?;
    if !missing.is_empty() {
        return refuse(&[Misfit::NoTables(missing)], wanted, options);
    }
    let state = State::read(store, wanted.devices).await?;
    // Tables that are half written fit nothing; the push itself says what to do.
    if state.unfinished().is_none() {
        let pushed = Pushed {
            tables: state.revision(),
            folder: wanted.revision,
            stored_devices: device_rows(store, plan).await?,
            devices: wanted
                .devices
                .then(|| Fingerprint::of_devices(wanted.tables)),
        };
        let found = misfits(plan, &pushed, most)?;
        if !found.is_empty() {
            return refuse(&found, wanted, options);
        }
        if !options.json {
            let (predicted, assumed) = (sentence(plan), assumptions(plan));
            let line = format!("plan: {predicted}; {assumed}");
            output::print(&format!("{}\n", one_line(&line)))?;
        }
    }
    publish::publish(store, &state, wanted, options).await
}

/// The device rows of the tables, if the plan was made with them.
async fn device_rows(store: &AzureTables, plan: &PlanFile) -> anyhow::Result<Option<Fingerprint>> {
    if plan.device_rows.stored.is_none() {
        return Ok(None);
    }
    let mut tables = Tables::default();
    source::stored_devices(store, &mut tables).await?;
    Ok(Some(Fingerprint::of_devices(&tables)))
}

fn refuse(found: &[Misfit], wanted: &Wanted<'_>, options: &Options) -> anyhow::Result<Exit> {
    let refused: Vec<String> = found.iter().map(ToString::to_string).collect();
    if options.json {
        output::print_json(&Refused {
            report: Report {
                revision: wanted.revision,
                changes: &[],
                preview: None,
                written: false,
            },
            refused: &refused,
        })?;
    }
    output::note(&format!("{}; nothing was written", refused.join("; ")));
    Ok(Exit::Findings)
}
