//! `rollback`: writes a stored revision to the Azure Tables again.

use anyhow::Context as _;
use dps_allocation::RevisionPrefix;
use dps_policy_store::azure::AzureTables;
use dps_policy_store::{PolicyStore, Revisions};

use crate::checked::Checked;
use crate::exit::Exit;
use crate::history::timeline;
use crate::publish::{self, Options, Resume, Wanted};
use crate::source::{self, Source};
use crate::{check, output};

/// Write a stored revision to the Azure Tables: show the difference, ask
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy rollback [OPTIONS] <REVISION|--previous>",
    after_help = AFTER_HELP
)]
pub(crate) struct Arguments {
    /// First digits of it, as history shows them
    #[arg(required_unless_present = "previous", conflicts_with = "previous")]
    revision: Option<RevisionPrefix>,

    /// The revision that was in use before the current one
    #[arg(long)]
    previous: bool,

    #[command(flatten)]
    options: Options,

    #[command(flatten)]
    resume: Resume,
}

const AFTER_HELP: &str = "\
The devices table does not change. What the tables hold now is stored first, so
that a rollback can be undone.

Examples:
  dps-policy rollback --previous
  dps-policy rollback 0123456789ab
  dps-policy rollback --reason 'too many refusals' --yes 0123456789ab

Exit codes: 0 rolled back or no difference, 1 refused because somebody else has
edited or is pushing, 2 failure.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let store = source::azure()?;
    let revision = match arguments.revision {
        Some(revision) => revision,
        None => previous(&store).await?,
    };
    let checked = Checked::read(Some(Source::Revision(revision.clone()))).await?;
    let Some(policy) = &checked.policy else {
        output::note(&format!(
            "revision {revision} is as it was stored, but this version finds errors in it, and so \
             would webhooks; correct them after `dps-policy pull --from tables@{revision} FOLDER`, \
             and push that"
        ));
        return check::report(&checked, arguments.options.json);
    };
    let (revision, resume) = (policy.revision(), arguments.resume);
    let wanted = Wanted::new(revision, &checked.tables, "rollback", resume);
    publish::run(&store, &wanted, &arguments.options).await
}

/// What was in use before what the tables hold now, or before a push that has not finished.
async fn previous(store: &AzureTables) -> anyhow::Result<RevisionPrefix> {
    let mut tables = PolicyStore::Azure(store.clone()).read().await?;
    if let Some(before) = tables.push_under_way.take().and_then(|push| push.before) {
        return Ok(before);
    }
    let current = Checked::new(Source::Tables, tables.into()).policy;
    let current = current.map(|policy| RevisionPrefix::from(policy.revision()));
    let stored = Revisions::of(store).history().await?;
    let events = timeline::events(&stored);
    let previous = timeline::previous(&events, current.as_ref()).cloned();
    previous.context("no other revision is stored; `dps-policy history` lists those that are")
}
