//! Commands that edit the row of a rollout.

use dps_allocation::Policy;
use dps_allocation::tables::{Canonical, Tables};
use dps_fleet::rollout::{self, Command, Status};
use jiff::Timestamp;

use super::screen;
use crate::edit::{self, Edit, Made, policy};
use crate::exit::Exit;

/// Which rollout, where, and how it is written.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    /// Id of the rollout, or TENANT/ID
    id: String,

    #[command(flatten)]
    edit: edit::Place,
}

pub(super) const AFTER_PAUSE: &str = "\
Sets state=paused and pausedAt. No device beyond the share moves from now on; a
device within the share that has not registered since still moves when it does.
To move nobody at all, use stop.

Examples:
  dps-policy rollout pause 2026-q4-spread
  dps-policy rollout pause --yes --policy tables tenant-a/2026-q4-spread

Exit codes: 0 written, 1 refused, 2 failure.";

pub(super) const AFTER_RESUME: &str = "\
Sets state=running, clears pausedAt, and delays later steps by the length of the
pause: the share does not jump.

Examples:
  dps-policy rollout resume 2026-q4-spread

Exit codes: 0 written, 1 refused, 2 failure.";

/// Take the next step now
#[derive(Debug, clap::Args)]
#[command(override_usage = "dps-policy rollout promote [OPTIONS] <ID>", after_help = AFTER_PROMOTE)]
pub(super) struct Promote {
    #[command(flatten)]
    target: Target,

    /// Go to 100% at once
    #[arg(long)]
    full: bool,
}

const AFTER_PROMOTE: &str = "\
The next step comes now, and later steps come earlier by the same time.

Examples:
  dps-policy rollout promote 2026-q4-spread
  dps-policy rollout promote --full 2026-q4-spread

Exit codes: 0 written, 1 refused, 2 failure.";

pub(super) const AFTER_STOP: &str = "\
Sets state=aborted and abortedAt, and clears return. It ends a way back too.

Examples:
  dps-policy rollout stop --reason 'too many reconnects' 2026-q4-spread

Exit codes: 0 written, 1 refused, 2 failure.";

pub(super) async fn promote(arguments: Promote) -> anyhow::Result<Exit> {
    let full = arguments.full;
    give(arguments.target, "promote", Command::Promote { full }).await
}

/// Edits the rows that the command is.
pub(super) async fn give(target: Target, word: &str, command: Command) -> anyhow::Result<Exit> {
    let now = target.edit.at();
    edit::write(target.edit, |tables| {
        let policy = policy(tables)?;
        let (canonical, _) = Canonical::read(tables);
        let rollout = rollout::find(&policy, &target.id)?;
        let edits = rollout::edits(rollout, &canonical, &command, now)?;
        let mut all = edits.iter();
        let after = all.try_fold(tables.clone(), |tables, edit| edit.apply(&tables))?;
        Ok(Made {
            reason: format!("rollout {word} {}", target.id),
            preface: standings(&policy, &after, now),
            foreseen: None,
            edits: edits.into_iter().map(Edit::from).collect(),
        })
    })
    .await
}

/// Where each rollout that changes stands afterwards.
fn standings(before: &Policy, after: &Tables, now: Timestamp) -> String {
    let Some(policy) = Policy::read(after).policy else {
        return String::new();
    };
    let before: Vec<Status> = rollout::statuses(before, now);
    let changed = rollout::statuses(&policy, now);
    let changed = changed.iter().filter(|status| !before.contains(status));
    changed.map(screen::sentence).collect()
}
