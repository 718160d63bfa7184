//! `push`: writes a folder of CSV files to the Azure Tables.

mod held;

use std::path::PathBuf;

use crate::base::{Base, Fingerprint};
use crate::check;
use crate::checked::Checked;
use crate::exit::Exit;
use crate::plan_file::{self, PlanFile};
use crate::publish::{self, Options, Resume, Wanted};
use crate::source::{self, Source};
use held::Held;

/// Write a folder to the Azure Tables: check, show the difference, ask
#[derive(Debug, clap::Args)]
#[command(override_usage = "dps-policy push [OPTIONS] <FOLDER>", after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Folder of the CSV files; a table without a file becomes empty
    folder: PathBuf,

    /// Include the devices table; otherwise it does not change
    #[arg(long)]
    devices: bool,

    #[command(flatten)]
    held: Held,

    #[command(flatten)]
    options: Options,

    #[command(flatten)]
    resume: Resume,

    /// Overwrite what others have changed since the folder was pulled
    #[arg(long)]
    force: bool,
}

const AFTER_HELP: &str = "\
Missing tables are created. Webhooks install the whole policy or nothing of it.
An edit that somebody makes meanwhile is never lost: the push is refused.

Examples:
  dps-policy push --reason 'drain weu-2' infra/policy
  dps-policy push --yes --json --author \"$GITHUB_ACTOR\" infra/policy
  dps-policy push --plan plan.json --max-moves 500 infra/policy
  PolicyTables=UseDevelopmentStorage=true dps-policy push infra/policy

Exit codes: 0 pushed or no difference, 1 errors in the folder, or refused
because somebody else has edited or is pushing, or the plan does not fit,
2 failure.";

/// How a push that has not ended is ended.
const WAY_OUT: &str = "finish it with `dps-policy push --resume FOLDER`, or go back with `dps-policy \
                       rollback --resume --previous`";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let folder = arguments.folder;
    let checked = Checked::read(Some(Source::Folder(folder.clone()))).await?;
    let Some(policy) = &checked.policy else {
        return check::report(&checked, arguments.options.json);
    };
    let store = source::azure()?;
    let source = store.to_string();
    // A copy of other tables says nothing about these.
    let base = Base::read(&folder)?.filter(|base| base.source == source);
    let revision = policy.revision();
    let plan = arguments.held.plan.as_deref();
    let plan = plan.map(plan_file::read).transpose()?;
    let report = plan.as_ref().map(PlanFile::report).transpose()?;
    let wanted = Wanted {
        report: report.as_ref(),
        base: base.as_ref().filter(|_| !arguments.force),
        devices: arguments.devices,
        way_out: Some(WAY_OUT),
        ..Wanted::new(revision, &checked.tables, "", arguments.resume)
    };
    let options = arguments.options;
    let exit = match &plan {
        Some(plan) => {
            let most = arguments.held.max_moves;
            held::push(&store, plan, most, &wanted, &options).await?
        }
        None => publish::run(&store, &wanted, &options).await?,
    };
    if let Some(before) = base
        && exit == Exit::Success
    {
        let pushed = arguments
            .devices
            .then(|| Fingerprint::of_devices(&checked.tables));
        Base {
            revision: revision.into(),
            source,
            rows: Some(Fingerprint::of_rows(&checked.tables)),
            devices: pushed.or(before.devices),
        }
        .write(&folder)?;
    }
    Ok(exit)
}
