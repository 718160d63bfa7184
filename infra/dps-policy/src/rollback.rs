//! `rollback`: a kept revision into the Azure Tables again.

use dps_allocation::Revision;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::publish::{self, Options, Resume, Wanted};
use crate::source::{self, Source};
use crate::{check, output};

/// Write a kept revision into the Azure Tables: shows, asks
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// 12 hex digits, as history shows them
    revision: Revision,

    #[command(flatten)]
    options: Options,

    #[command(flatten)]
    resume: Resume,
}

const AFTER_HELP: &str = "\
The devices table is left alone. What the tables hold now is kept too, so that a
rollback can be rolled back.

Examples:
  dps-policy rollback 0123456789ab
  dps-policy rollback --reason 'too many refusals' --yes 0123456789ab

Exit codes: 0 rolled back or no difference, 1 refused because somebody else has
edited or is pushing, 2 could not.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let store = source::azure()?;
    let revision = arguments.revision;
    let checked = Checked::read(Some(Source::Revision(revision))).await?;
    if checked.policy.is_none() {
        output::note(&format!(
            "revision {revision} is as it was kept, but this version finds errors in it, and so \
             would webhooks; correct them after `dps-policy pull --from tables@{revision} FOLDER`, \
             and push that"
        ));
        return check::report(&checked, arguments.options.json);
    }
    let tables = checked.tables;
    let wanted = Wanted {
        revision,
        tables: &tables,
        devices: false,
        default_reason: "rollback",
        resume: arguments.resume.resume,
    };
    publish::run(&store, &wanted, &arguments.options).await
}
