//! `history`: the stored revisions, what each has changed, and what was predicted of it.

mod changed;
mod list;
mod naming;
mod one;
mod predicted;
mod screen;
pub(crate) mod timeline;

use std::path::PathBuf;

use dps_allocation::RevisionPrefix;
use dps_policy_store::Revisions;

use self::list::{Details, History};
use self::naming::Naming;
use self::one::One;
use crate::checked::Checked;
use crate::exit::Exit;
use crate::source::{self, Source};
use crate::{log_files, output, plan_file};

/// List revisions, newest first; compare what was predicted with a log
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Show what was predicted of this revision
    #[arg(value_name = "REVISION")]
    revision: Option<RevisionPrefix>,

    /// Compare what was predicted with lines of the decision log; `-` reads stdin
    #[arg(long, value_name = "FILE", num_args = 1..)]
    log: Vec<PathBuf>,

    #[command(flatten)]
    naming: Naming,

    /// The prediction of a plan, if nothing was pushed
    #[arg(long, value_name = "FILE", conflicts_with = "revision")]
    plan: Option<PathBuf>,

    /// How many to list
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 20)]
    limit: usize,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
A revision is stored when a webhook installs it or a push writes it; * marks
what the tables hold now. Below each is what it changed of the one before, and
what was predicted if it was pushed with a plan. Who pushed is the identity of
the token that the push signed in with, and what --author says; with an account
key or a signature there is no identity.

--log counts each device once: from the hub that its first line by the revision
names to the last one. Without a REVISION, it compares the last push with a
plan. --fleet decides the fleet again, and says which devices did what was
predicted.

Examples:
  dps-policy history
  dps-policy history --json | jq -r .previous
  dps-policy history 0123456789ab
  dps-policy history --log logs/*.log.gz
  dps-policy history --log webhook.log --fleet fleet.csv --list devices.csv
  dps-policy history --plan plan.json --log webhook.log

Exit codes: 0 listed, or the log shows nothing that was not predicted; 1 devices
moved or were refused otherwise than predicted, 2 failure or interrupted.";

pub(crate) async fn run(mut arguments: Arguments) -> anyhow::Result<Exit> {
    if arguments.revision.is_none() && arguments.plan.is_none() {
        let behind = log_files::behind(&mut arguments.log, |text| text.parse().ok());
        arguments.revision = behind;
    }
    if let Some(path) = &arguments.plan {
        let plan = Box::new(plan_file::read(path)?);
        let one = One {
            plan,
            until: None,
            is_kept: false,
        };
        return show(&one, &arguments).await;
    }
    let store = source::azure()?;
    let revisions = Revisions::of(&store).history().await?;
    let events = timeline::events(&revisions);
    if arguments.revision.is_some() || !arguments.log.is_empty() {
        let wanted = arguments.revision.as_ref();
        let Some(at) = one::event(&events, wanted)? else {
            let which = wanted.map_or("no stored revision was".to_owned(), |wanted| {
                format!("revision {} was not", wanted.short())
            });
            anyhow::bail!(
                "{which} pushed with a plan, so nothing was predicted; write one with `preview --out`, \
                 and push with --plan"
            );
        };
        let event = events.get(at..=at).unwrap_or_default();
        let kept = predicted::predictions(&store, event, 1)
            .await
            .pop()
            .flatten();
        return show(&One::of(&events, at, kept)?, &arguments).await;
    }
    let current = Checked::read(Some(Source::Tables)).await?.policy;
    let current = current.map(|policy| RevisionPrefix::from(policy.revision()));
    let changed = changed::changes(&store, &events, arguments.limit).await;
    let predictions = predicted::predictions(&store, &events, arguments.limit).await;
    let details = changed.into_iter().zip(predictions);
    let details: Vec<Details> = details
        .map(|(changed, predicted)| Details { changed, predicted })
        .collect();
    if arguments.json {
        let source = store.to_string();
        output::print_json(&History::new(
            source, current, &revisions, &events, &details,
        ))?;
    } else {
        output::print(&list::text(&events, &details, current))?;
    }
    Ok(Exit::Success)
}

async fn show(one: &One, arguments: &Arguments) -> anyhow::Result<Exit> {
    if arguments.log.is_empty() {
        one.show(arguments.json)
    } else {
        let (logs, naming) = (&arguments.log, &arguments.naming);
        one.compare(logs, naming, arguments.json).await
    }
}
