//! Why a plan is not pushed.

use std::path::PathBuf;

use dps_allocation::{Revision, RevisionPrefix};

use super::model::{Fleet, PlanFile};
use crate::base::Fingerprint;
use crate::output::{counted, counted_as, the_tables};

/// What a push with a plan would write over what.
pub(crate) struct Pushed {
    /// Of the tables now; `None` if they have errors.
    pub(crate) tables: Option<Revision>,
    pub(crate) folder: Revision,
    /// Device rows of the tables, if the plan needs them.
    pub(crate) stored_devices: Option<Fingerprint>,
    /// Device rows of the folder, if they are pushed too.
    pub(crate) devices: Option<Fingerprint>,
}

/// Why a plan is not pushed, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Misfit {
    #[error(
        "the tables hold revision {} now, and the plan was made from {}: somebody has edited them, \
         so preview again",
        now.short(), planned.short()
    )]
    Base {
        planned: RevisionPrefix,
        now: Revision,
    },
    #[error(
        "the tables hold revision {} now, which is what the plan would write: it was pushed already",
        .0.short()
    )]
    Done(Revision),
    #[error(
        "{} missing, so the store is not what the plan was made from; begin with a push without --plan, \
         which creates them (the starter tables, or your own of `init`), and preview again", are(.0)
    )]
    NoTables(Vec<String>),
    #[error("the tables have errors, so they are not what the plan was made from; correct them")]
    NoBase,
    #[error(
        "the folder holds revision {}, and the plan was made for {}: preview the folder as it is now",
        now.short(), planned.short()
    )]
    Draft {
        planned: RevisionPrefix,
        now: Revision,
    },
    #[error(
        "the plan was made for other device rows than are pushed; use --devices for both preview and \
         push, or for neither, and preview again"
    )]
    Devices,
    #[error(
        "the plan was made with other device rows than the tables hold: somebody has edited them, or \
         the preview was not of `tables`; preview again from `tables`"
    )]
    StoredDevices,
    #[error("the fleet `{}` has changed since the plan was made; preview again", .0.display())]
    Fleet(PathBuf),
    #[error(
        "{} would move{}, which is more than {most}; raise --max-moves if that is meant",
        counted(moved, "device"),
        undecided(*undecidable)
    )]
    Moves {
        moved: u64,
        undecidable: u64,
        most: u64,
    },
    #[error("{} would leave their residency; change the tables so that they stay in it", counted(.0, "device"))]
    Residency(u64),
}

/// Everything that does not fit, or is more than the operator allows.
///
/// # Errors
/// When a file of the fleet is there and cannot be read.
pub(crate) fn misfits(
    plan: &PlanFile,
    pushed: &Pushed,
    most: Option<u64>,
) -> anyhow::Result<Vec<Misfit>> {
    let mut found: Vec<Misfit> = base(plan, pushed.tables).into_iter().collect();
    if !plan.to.revision.matches(pushed.folder) {
        found.push(Misfit::Draft {
            planned: plan.to.revision.clone(),
            now: pushed.folder,
        });
    }
    let rows = &plan.device_rows;
    if rows.stored.is_some() && rows.stored != pushed.stored_devices {
        found.push(Misfit::StoredDevices);
    }
    if rows.pushed != pushed.devices {
        found.push(Misfit::Devices);
    }
    if let Fleet::Files(files) = &plan.fleet {
        for file in files {
            if file.has_changed()? {
                found.push(Misfit::Fleet(file.name.clone()));
            }
        }
    }
    if let Some(most) = most {
        found.extend(over(plan, most));
    }
    Ok(found)
}

fn base(plan: &PlanFile, tables: Option<Revision>) -> Option<Misfit> {
    let planned = &plan.from.revision;
    match tables {
        None => Some(Misfit::NoBase),
        Some(now) if planned.matches(now) => None,
        Some(now) if plan.to.revision.matches(now) => Some(Misfit::Done(now)),
        Some(now) => Some(Misfit::Base {
            planned: planned.clone(),
            now,
        }),
    }
}

fn over(plan: &PlanFile, most: u64) -> impl Iterator<Item = Misfit> {
    let summary = &plan.prediction.summary;
    let (moved, undecidable) = (summary.moved, summary.undecidable);
    let too_many = (moved.saturating_add(undecidable) > most).then_some(Misfit::Moves {
        moved,
        undecidable,
        most,
    });
    let across = summary.across_residency;
    let residency = (across > 0).then_some(Misfit::Residency(across));
    too_many.into_iter().chain(residency)
}

fn are(tables: &[String]) -> String {
    let is = if tables.len() == 1 { "is" } else { "are" };
    format!("{} {is}", the_tables(tables))
}

fn undecided(devices: u64) -> String {
    match devices {
        0 => String::new(),
        more => {
            let undecidable = counted_as(more, "is undecidable", "are undecidable");
            format!(", and {undecidable} and may move too")
        }
    }
}
