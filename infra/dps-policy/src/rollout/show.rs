//! `rollout list` and `rollout show`.

use dps_fleet::rollout::{self, Status};
use jiff::Timestamp;
use serde::Serialize;

use super::screen;
use crate::checked::Checked;
use crate::exit::Exit;
use crate::moment::time;
use crate::source::Source;
use crate::{check, output};

/// List the rollouts, in their order of precedence
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_LIST)]
pub(super) struct List {
    #[command(flatten)]
    view: View,
}

/// Show one rollout: share, next step, remaining time
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_SHOW)]
pub(super) struct Show {
    /// Id of the rollout, or TENANT/ID
    id: String,

    #[command(flatten)]
    view: View,
}

/// Of which tables, when, and how.
#[derive(Debug, clap::Args)]
pub(super) struct View {
    /// Folder, `tables` or `tables@REVISION` [default: what the settings name]
    #[arg(long, value_name = "SOURCE")]
    pub(super) policy: Option<Source>,

    /// Time to show [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(super) at: Option<Timestamp>,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

const AFTER_LIST: &str = "\
Examples:
  dps-policy rollout list
  dps-policy rollout list --policy infra/policy --at 2026-12-10
  dps-policy rollout list --json | jq -c '.rollouts[] | [.id, .phase]'

Exit codes: 0 listed, 1 the tables have errors, 2 they cannot be read.";

const AFTER_SHOW: &str = "\
Examples:
  dps-policy rollout show 2026-q4-spread
  dps-policy rollout show --policy infra/policy --at 2026-12-10 2026-q4-spread

Exit codes: 0 shown, 1 the tables have errors, 2 there is no such rollout.";

/// What `rollout list --json` answers.
#[derive(Serialize)]
struct Rollouts {
    at: Timestamp,
    rollouts: Vec<Status>,
}

pub(super) async fn list(arguments: List) -> anyhow::Result<Exit> {
    let view = arguments.view;
    let checked = Checked::read(view.policy).await?;
    let Some(policy) = &checked.policy else {
        return check::report(&checked, view.json);
    };
    let at = view.at.unwrap_or_else(Timestamp::now);
    let rollouts = rollout::statuses(policy, at);
    let document = Rollouts { at, rollouts };
    let text = || screen::list(&document.rollouts, output::width());
    output::answer(view.json, &document, text)?;
    Ok(Exit::Success)
}

pub(super) async fn show(arguments: Show) -> anyhow::Result<Exit> {
    let view = arguments.view;
    let checked = Checked::read(view.policy).await?;
    let Some(policy) = &checked.policy else {
        return check::report(&checked, view.json);
    };
    let at = view.at.unwrap_or_else(Timestamp::now);
    let status = Status::of(rollout::find(policy, &arguments.id)?, at);
    let text = || screen::show(&status, output::width());
    output::answer(view.json, &status, text)?;
    Ok(Exit::Success)
}
