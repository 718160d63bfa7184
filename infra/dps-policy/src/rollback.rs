//! `rollback`: a kept revision into the Azure Tables again.

use dps_allocation::Revision;
use dps_policy_store::Revisions;

use crate::exit::Exit;
use crate::publish::{self, Options, Wanted};
use crate::source;

/// Write the rows of a kept revision into the Azure Tables: shows the difference, asks
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// 12 hex digits, as history shows them
    revision: Revision,

    #[command(flatten)]
    options: Options,
}

const AFTER_HELP: &str = "\
The devices table is left alone. What the tables hold now is kept too, so that a rollback can be
rolled back.

Examples:
  dps-policy rollback 0123456789ab
  dps-policy rollback --reason 'too many refusals' --yes 0123456789ab

Exit codes: 0 rolled back or no difference, 1 refused because somebody else has edited or is
pushing, 2 could not.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let store = source::azure()?;
    let tables = Revisions::of(&store).tables(arguments.revision).await?;
    let wanted = Wanted {
        revision: arguments.revision,
        tables: &tables,
        devices: false,
        default_reason: "rollback",
    };
    publish::run(&store, &wanted, &arguments.options).await
}
