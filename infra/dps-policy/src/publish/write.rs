//! Writes what was agreed on; Ctrl-C stops it, and the message says what the tables are then.

use std::io::{self, IsTerminal as _};

use dps_policy_store::azure::AzureTables;
use dps_policy_store::push::{Plan, Push, PushError, State, Unfinished, push};
use tokio::signal::ctrl_c;

use super::model::{Options, Wanted};

/// Why the tables do not hold what is wanted.
#[derive(Debug)]
pub(super) enum Unwritten {
    Push(PushError),
    /// By Ctrl-C, after which the tables were read; `None` if they could not be.
    Interrupted(Option<Box<State>>),
}

impl Unwritten {
    /// Whether somebody else has edited, or is pushing.
    pub(super) fn is_by_others(&self) -> bool {
        matches!(
            self,
            Self::Push(PushError::Conflict(_) | PushError::Unfinished(_))
        )
    }

    /// How far the push got, and how one that has not ended is ended.
    pub(super) fn message(&self, wanted: &Wanted<'_>) -> String {
        let way_out = wanted.way_out(wanted.revision);
        match self {
            Self::Push(error @ PushError::Unfinished(other)) => {
                let way_out = wanted.way_out(&other.revision);
                format!("{error}. if it is not running any more, {way_out}")
            }
            Self::Push(error @ PushError::Begun(_)) => format!("{error}; then {way_out}"),
            Self::Push(error @ (PushError::Half(_) | PushError::Open(_))) => {
                format!("{error}: {way_out}")
            }
            Self::Push(error) => error.to_string(),
            Self::Interrupted(state) => {
                format!("interrupted; {}", left(state.as_deref(), wanted))
            }
        }
    }
}

/// What an interrupted push has left.
fn left(state: Option<&State>, wanted: &Wanted<'_>) -> String {
    let revision = wanted.revision.short();
    match state {
        None => "what it has left is not known, since the tables cannot be read".to_owned(),
        Some(state) if state.unfinished().is_some() => format!(
            "only some rows of revision `{revision}` may be written, and no webhook installs the \
             tables: {}",
            wanted.way_out(&revision)
        ),
        Some(state) if state.revision() == Some(wanted.revision) => {
            let devices = if wanted.devices {
                "; rows of devices may be missing, which the same command writes"
            } else {
                ""
            };
            format!("the tables hold revision `{revision}`{devices}")
        }
        Some(_) => "no row of the policy was changed".to_owned(),
    }
}

pub(super) async fn write(
    store: &AzureTables,
    state: &State,
    plan: &Plan,
    wanted: &Wanted<'_>,
    options: &Options,
) -> Result<(), Unwritten> {
    // Whoever finishes a push keeps its reason.
    let finishes = |other: &Unfinished| other.revision == wanted.revision.to_string();
    let default_reason = match state.unfinished() {
        Some(other) if finishes(other) => "",
        _ => wanted.default_reason,
    };
    let by = Push {
        revision: wanted.revision,
        tables: wanted.tables,
        author: &options.author,
        reason: options.reason.as_deref().unwrap_or(default_reason),
        report: wanted.report,
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
    let written = until_interrupted(push(store, state, plan, &by, progress)).await;
    if shown {
        eprintln!();
    }
    if let Some(written) = written {
        return written.map_err(Unwritten::Push);
    }
    let read = until_interrupted(State::read(store, false)).await;
    let state = read.and_then(Result::ok);
    Err(Unwritten::Interrupted(state.map(Box::new)))
}

/// `None` if Ctrl-C comes first. If it cannot be received, it ends the program as always.
async fn until_interrupted<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = work => Some(done),
        Ok(()) = ctrl_c() => None,
    }
}
