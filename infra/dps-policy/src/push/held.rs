//! A push that is held against a plan.

use std::path::PathBuf;

use dps_policy_store::azure::AzureTables;
use dps_policy_store::push::State;
use serde::Serialize;

use crate::base::Fingerprint;
use crate::exit::Exit;
use crate::output;
use crate::plan_file::{PlanFile, Pushed, misfits};
use crate::publish::{self, Options, Report, Wanted};

/// The plan that a push is held against.
#[derive(Debug, clap::Args)]
pub(super) struct Held {
    /// Push only where a plan of `preview --out` still fits
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub(super) plan: Option<PathBuf>,

    /// Refuse a plan that moves more devices, or one across residency
    #[arg(long, value_name = "NUMBER", requires = "plan")]
    pub(super) max_moves: Option<u64>,
}

/// What `push --json` answers where the plan does not fit.
#[derive(Serialize)]
struct Refused<'a> {
    #[serde(flatten)]
    report: Report<'a>,
    /// What does not fit, and what to do.
    refused: &'a [String],
}

/// Pushes where the plan fits the tables as they were read; a later edit is found by the push.
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
    let state = State::read(store, wanted.devices).await?;
    // Tables that are half written fit nothing; the push itself says what to do.
    if state.unfinished().is_none() {
        let pushed = Pushed {
            tables: state.revision(),
            folder: wanted.revision,
            devices: wanted
                .devices
                .then(|| Fingerprint::of_devices(wanted.tables)),
        };
        let found = misfits(plan, &pushed, most)?;
        if !found.is_empty() {
            let refused: Vec<String> = found.iter().map(ToString::to_string).collect();
            return refuse(&refused, wanted, options);
        }
    }
    publish::publish(store, &state, wanted, options).await
}

fn refuse(refused: &[String], wanted: &Wanted<'_>, options: &Options) -> anyhow::Result<Exit> {
    if options.json {
        output::print_json(&Refused {
            report: Report {
                revision: wanted.revision,
                changes: &[],
                written: false,
            },
            refused,
        })?;
    }
    output::note(&format!("{}; nothing was written", refused.join("; ")));
    Ok(Exit::Findings)
}
