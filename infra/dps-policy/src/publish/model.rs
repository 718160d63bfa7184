//! What a command is to write, how, and what it answers.

use std::fmt;

use dps_allocation::Revision;
use dps_allocation::tables::{RowChange, Tables};
use dps_fleet::preview::Preview;
use dps_policy_store::Report as Prediction;
use serde::Serialize;

use crate::base::Base;

/// How a command writes to the tables.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Reason, which history shows
    #[arg(long)]
    pub(crate) reason: Option<String>,

    /// Who pushes: a claim in the history, beside the identity that signs in
    #[arg(long, env = "USER", hide_env_values = true, default_value = "unknown")]
    pub(super) author: String,

    /// Do not ask for confirmation
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Print JSON: revision, changes, written; needs --yes
    #[arg(long, requires = "yes")]
    pub(crate) json: bool,
}

/// Whether to finish a push that was interrupted.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Resume {
    /// Finish a push or rollback that was interrupted
    #[arg(long)]
    resume: bool,
}

/// What the tables should hold.
pub(crate) struct Wanted<'a> {
    pub(crate) revision: Revision,
    pub(crate) tables: &'a Tables,
    pub(crate) devices: bool,
    pub(crate) default_reason: &'a str,
    pub(crate) resume: bool,
    /// How a push that has not ended is ended; `None`: by the stored revisions.
    pub(crate) way_out: Option<&'static str>,
    /// What was predicted of it.
    pub(crate) report: Option<&'a Prediction>,
    /// What it does to a fleet, if one was named.
    pub(crate) preview: Option<&'a Preview>,
    /// What the wanted tables are an edit of, if that is known.
    pub(crate) base: Option<&'a Base>,
}

impl<'a> Wanted<'a> {
    /// Config tables without device rows, and without a prediction.
    pub(crate) fn new(
        revision: Revision,
        tables: &'a Tables,
        default_reason: &'a str,
        resume: Resume,
    ) -> Self {
        Self {
            revision,
            tables,
            devices: false,
            default_reason,
            resume: resume.resume,
            way_out: None,
            report: None,
            preview: None,
            base: None,
        }
    }

    /// How a push of a revision that has not ended is ended.
    pub(super) fn way_out(&self, revision: impl fmt::Display) -> String {
        self.way_out.map_or_else(
            || {
                format!(
                    "finish it with `dps-policy rollback --resume {revision:.12}`, or go back with \
                     `dps-policy rollback --resume --previous`"
                )
            },
            str::to_owned,
        )
    }
}

/// What `push --json`, `rollback --json` and `set --json` answer.
#[derive(Serialize)]
pub(crate) struct Report<'a> {
    pub(crate) revision: Revision,
    pub(crate) changes: &'a [RowChange],
    /// What they do to a fleet, if one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preview: Option<&'a Preview>,
    /// Whether the tables hold the revision now.
    pub(crate) written: bool,
}
