//! What `explain` is called with, and the tables that it decides by.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context as _;
use dps_allocation::{IdKey, Policy, RevisionPrefix};
use jiff::Timestamp;

use crate::checked::Checked;
use crate::hashed;
use crate::moment::time;
use crate::source::{self, LOG_ID_KEY, Source};

/// Explain a decision: each step, its row, and why other hubs are excluded
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy explain [OPTIONS] <REQUEST.json|--log <LINE>>",
    after_help = AFTER_HELP
)]
pub(crate) struct Arguments {
    /// File with an allocation request as DPS sends it; `-` reads stdin
    #[arg(value_name = "REQUEST.json", required_unless_present = "log")]
    pub(super) request: Option<PathBuf>,

    /// Decide again from a line of the decision log; `-` reads stdin
    #[arg(long, value_name = "LINE", conflicts_with = "request")]
    pub(super) log: Option<String>,

    /// Registration id of the device, if the log hashes ids; may be repeated
    #[arg(long, value_name = "ID", requires = "log")]
    id: Vec<String>,

    /// File with registration ids, one per line; the one whose hash is in the line counts
    #[arg(long, value_name = "FILE", requires = "log")]
    ids: Option<PathBuf>,

    /// Folder, `tables` or `tables@REVISION` [default: what the settings name]
    #[arg(long, value_name = "SOURCE")]
    policy: Option<Source>,

    /// Time of the decision [default: now]; or a REVISION of the tables
    #[arg(long, value_name = "TIME")]
    at: Option<At>,

    /// Print JSON, as POST /api/explain does
    #[arg(long)]
    pub(super) json: bool,
}

const AFTER_HELP: &str = "\
With --log, revision and time are those of the line: the tables are
tables@REVISION, or the folder if it holds that revision.

Where the webhook hashes ids (LOG_ID_KEY), set LOG_ID_KEY to the same key, and
name the device with --id, or list the candidates with --ids.

Examples:
  dps-policy explain tests/fixtures/allocation/group-x509.json
  dps-policy explain request.json --policy tables --at 2026-12-08T00:00:00Z
  dps-policy explain --json - <request.json | jq .decidedBy
  grep pump-0042 webhook.log | tail -1 | dps-policy explain --log -

Exit codes: 0 the device is assigned, 1 it is refused or the tables have errors
(which are shown, as check does), 2 the request or the tables cannot be read.
With --log: 0 the decision is the one that was logged, 1 it is a different one.";

/// A time, or a revision of the tables.
#[derive(Clone, Debug)]
enum At {
    Time(Timestamp),
    Revision(RevisionPrefix),
}

impl FromStr for At {
    type Err = String;

    /// No time consists of hex digits only.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            Ok(revision) => Ok(Self::Revision(revision)),
            Err(_no_revision) => Ok(Self::Time(time(text)?)),
        }
    }
}

impl Arguments {
    /// The ids that a hash may stand for, and the key of the hash.
    pub(super) fn candidates(&self) -> anyhow::Result<(IdKey, Vec<String>)> {
        let mut ids = self.id.clone();
        if let Some(file) = &self.ids {
            let text = hashed::ids(file)?;
            ids.extend(text.lines().map(|line| line.trim().to_owned()));
        }
        let key = source::id_key()?;
        let key = key.filter(|_| !ids.is_empty()).with_context(|| {
            format!(
                "--log has a hash in place of the registration id; set {LOG_ID_KEY} to the key of the \
             webhook, and name the device with --id ID, or list the candidates with --ids FILE"
            )
        })?;
        Ok((key, ids))
    }

    pub(super) fn time(&self) -> Option<Timestamp> {
        match self.at {
            Some(At::Time(time)) => Some(time),
            Some(At::Revision(_)) | None => None,
        }
    }

    /// The tables to decide by: those that are named, else those of `--at`, else those that have
    /// decided.
    pub(super) async fn tables(&self, decided: Option<RevisionPrefix>) -> anyhow::Result<Checked> {
        let revision = match &self.at {
            Some(At::Revision(revision)) => Some(revision.clone()),
            Some(At::Time(_)) | None => decided.filter(|_| self.policy.is_none()),
        };
        let source = self.policy.clone().map_or_else(Source::of_settings, Ok)?;
        let Some(revision) = revision else {
            return Checked::read(Some(source)).await;
        };
        let source = match source {
            Source::Tables | Source::Revision(_) => Source::Revision(revision.clone()),
            folder @ Source::Folder(_) => folder,
        };
        let checked = Checked::read(Some(source)).await?;
        let holds = checked.policy.as_ref().map(Policy::revision);
        if let Some(holds) = holds.filter(|holds| !revision.matches(*holds)) {
            let source = &checked.source;
            anyhow::bail!(
                "`{source}` holds revision {}, not {}; set PolicyTables, whose \
                 history keeps revisions, or check out the files of that time, or write \
                 --policy {source} to decide by what it holds",
                holds.short(),
                revision.short()
            );
        }
        Ok(checked)
    }
}
