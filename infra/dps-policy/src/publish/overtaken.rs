//! A push of a folder whose tables others have edited since it was pulled.

use dps_allocation::RevisionPrefix;
use dps_allocation::tables::{RowChange, TableName, Tables, diff};
use dps_policy_store::Revisions;
use dps_policy_store::azure::AzureTables;
use dps_policy_store::push::{Plan, State};
use serde::Serialize;

use super::model::{Options, Report, Wanted};
use crate::base::{Base, Fingerprint};
use crate::exit::Exit;
use crate::{changes, output};

/// Whether others have edited what the plan would write over; `devices` and notes are in no
/// revision.
pub(super) fn is_overtaken(base: &Base, state: &State, plan: &Plan) -> bool {
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
pub(super) async fn overtaken(
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
        // It is stored with the notes of its first time, which need not be those that were pulled.
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
                preview: wanted.preview,
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
         folder and copy your edits there, or add --force to undo the edits of others",
        base.short()
    ));
    Ok(Exit::Findings)
}

/// What `push --json` answers if others have edited since the pull.
#[derive(Serialize)]
struct Overtaken<'a> {
    #[serde(flatten)]
    report: Report<'a>,
    /// The revision that the folder was pulled at.
    base: &'a RevisionPrefix,
    /// What others have changed since.
    theirs: &'a [RowChange],
}
