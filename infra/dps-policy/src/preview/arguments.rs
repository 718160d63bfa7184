//! What `preview` is called with.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::devices::Devices;
use crate::moment;
use crate::source::Source;
use crate::stated::{Assumptions, Stated};

/// Preview a change: which devices move, are refused or accepted
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy preview [OPTIONS] <FROM> <TO> <--fleet <FILE>|--synthetic <N>>",
    after_help = AFTER_HELP
)]
pub(crate) struct Arguments {
    /// Tables before the change: folder, `tables` or `tables@REVISION`
    pub(super) from: Source,

    /// Tables after the change
    pub(super) to: Source,

    #[command(flatten)]
    pub(super) fleet: Devices,

    /// When devices register [default: now]; a second one is for TO
    #[arg(long, value_name = "TIME", value_parser = moment::time)]
    at: Vec<Timestamp>,

    #[command(flatten)]
    stated: Stated,

    /// Decide every device as a new one
    #[arg(long)]
    new: bool,

    /// Include the devices table of a folder, as push --devices does
    #[arg(long)]
    pub(super) devices: bool,

    /// Write each device that changes to a CSV file; `-` is stdout
    #[arg(long, value_name = "FILE")]
    pub(super) list: Option<PathBuf>,

    /// Write a page with charts: HTML without scripts, for browsers and printers
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,

    /// Write a plan, for `push --plan` to check
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

const AFTER_HELP: &str = "\
The fleet is a CSV file with the column registrationId (and enrollment,
currentHub, attestation, iotEdge, payload, ..), JSON objects, the decision log,
the registration records of DPS, or the devices of a hub. A device without a
hub is where FROM places it. What the tables read and the fleet does not hold is
counted as undecidable; --without payload says that no device sends one.

Examples:
  dps-policy preview tables my-policy --fleet fleet.csv
  dps-policy preview infra/policy my-policy --synthetic 10000
  dps-policy preview tables tables --at 2026-12-01 --at 2026-12-15 --fleet f.csv
  dps-policy preview tables my-policy --fleet webhook.log --list moved.csv
  dps-policy preview tables my-policy --fleet fleet.csv --report preview.html
  dps-policy preview tables my-policy --fleet fleet.csv --out plan.json

Exit codes: 0 previewed, 1 a device would leave its residency or the tables have
errors, 2 failure or interrupted.";

impl Arguments {
    /// When devices register before and after the change.
    pub(super) fn times(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let from = self.at.first().copied().unwrap_or(now);
        (from, self.at.last().copied().unwrap_or(now))
    }

    pub(super) fn assumptions(&self) -> Assumptions {
        Assumptions {
            stated: self.stated.clone(),
            new: self.new,
        }
    }

    pub(super) fn fleet_name(&self) -> String {
        self.fleet.name(&self.from)
    }

    pub(super) fn lists_on_stdout(&self) -> bool {
        self.list.as_deref() == Some(Path::new("-"))
    }
}
