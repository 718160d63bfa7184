//! `history`: the revisions that are kept.

use anstyle::Style;
use dps_allocation::Revision;
use dps_policy_store::{KeptRevision, PushNote, Revisions};
use jiff::Timestamp;
use serde::Serialize;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::grid::{Cell, Grid};
use crate::output;
use crate::source::{self, Source};

/// List the revisions that were in use or pushed, the first one first
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Print JSON: source, current, revisions
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
A revision is kept when a webhook takes it or a push writes it; * marks what the
tables hold now.

Examples:
  dps-policy history
  dps-policy history --json | jq -r '.revisions[-2].revision'

Exit codes: 0 listed, 2 the tables cannot be read.";

/// What `history --json` answers.
#[derive(Serialize)]
struct History<'a> {
    source: String,
    /// What the tables hold now; none where that is no policy.
    current: Option<Revision>,
    revisions: &'a [KeptRevision],
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let store = source::azure()?;
    let revisions = Revisions::of(&store).history().await?;
    let current = Checked::read(Some(Source::Tables)).await?.policy;
    let current = current.map(|policy| policy.revision());
    if arguments.json {
        output::print_json(&History {
            source: store.to_string(),
            current,
            revisions: &revisions,
        })?;
    } else {
        output::print(&text(&revisions, current))?;
    }
    Ok(Exit::Good)
}

fn text(revisions: &[KeptRevision], current: Option<Revision>) -> String {
    if revisions.is_empty() {
        return "no revision is kept yet\n".to_owned();
    }
    let mut grid = Grid::with_headings(["revision", "first seen", "pushed", "by", "reason"]);
    for kept in revisions {
        let is_current = Some(kept.revision) == current;
        let style = if is_current {
            Style::new().bold()
        } else {
            Style::new()
        };
        let mark = if is_current { " *" } else { "" };
        let revision = Cell::styled(format!("{}{mark}", kept.revision), style);
        let first = kept.pushes.first();
        grid.push(row(revision, Cell::new(time(kept.first_seen)), first));
        for push in kept.pushes.iter().skip(1) {
            grid.push(row(Cell::new(""), Cell::new(""), Some(push)));
        }
    }
    let mut text = String::new();
    grid.render(output::width(), &mut text);
    text
}

fn row(revision: Cell, first_seen: Cell, push: Option<&PushNote>) -> [Cell; 5] {
    let by = |text: fn(&PushNote) -> &str| Cell::new(push.map_or("", text));
    [
        revision,
        first_seen,
        Cell::new(push.map_or(String::new(), |push| time(push.at))),
        by(|push| &push.author),
        by(|push| &push.reason),
    ]
}

fn time(at: Option<Timestamp>) -> String {
    at.map_or(String::new(), |at| format!("{at:.0}"))
}
