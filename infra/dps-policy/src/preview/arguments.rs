//! What `preview` is called with.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use dps_allocation::{HubName, Part, Parts};
use dps_fleet::preview::Assumed;
use jiff::Timestamp;

use crate::input;
use crate::moment;
use crate::plan_file::{self, Fleet};
use crate::source::Source;

/// Preview a change: which devices move, are refused or accepted
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy preview [OPTIONS] <FROM> <TO> --fleet <FILE>",
    after_help = AFTER_HELP
)]
pub(crate) struct Arguments {
    /// Tables before the change: folder, `tables` or `tables@REVISION`
    #[arg(value_parser = Source::parser())]
    pub(super) from: Source,

    /// Tables after the change
    #[arg(value_parser = Source::parser())]
    pub(super) to: Source,

    /// List of devices, or several; `-` reads stdin
    #[arg(long, value_name = "FILE", required_unless_present = "synthetic")]
    pub(super) fleet: Vec<PathBuf>,

    /// So many devices that are made from the tables
    #[arg(long, value_name = "NUMBER", conflicts_with = "fleet", value_parser = input::made_devices())]
    pub(super) synthetic: Option<u64>,

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

    /// Write a plan that `push --plan` holds the push against
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// What the operator says of devices, where the fleet does not.
#[derive(Debug, clap::Args)]
pub(crate) struct Stated {
    /// Group that devices come through, where the fleet does not say
    #[arg(long, value_name = "ID", conflicts_with = "individual")]
    enrollment: Option<String>,

    /// Devices come through individual enrollments
    #[arg(long)]
    individual: bool,

    /// Hub that devices are on, where the fleet does not say
    #[arg(long, value_name = "HOST", value_parser = host)]
    current_hub: Option<String>,

    /// Hubs that DPS links [default: those of both tables]
    #[arg(long, value_name = "HOSTS", value_delimiter = ',', value_parser = host)]
    linked_hubs: Vec<String>,

    /// What no device has: payload, certificate, iot-edge
    #[arg(
        long,
        value_name = "PART",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    without: Vec<Without>,
}

/// Reads the host name of a hub; a first label alone would be a hub that no row names.
fn host(text: &str) -> Result<String, String> {
    let rule = || format!("it is not the host name of a hub, such as {text}.azure-devices.net");
    let is_host = text.contains('.') && HubName::parse(text).is_ok();
    is_host.then(|| text.to_owned()).ok_or_else(rule)
}

/// What no device has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Without {
    /// No device sends a payload.
    Payload,
    /// No device attests by a certificate.
    Certificate,
    /// No device is an IoT Edge device.
    IotEdge,
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

    pub(super) fn assumed(&self) -> Assumed {
        Assumed {
            as_new: self.new,
            ..self.stated.assumed()
        }
    }

    pub(super) fn fleet_name(&self) -> String {
        if let Some(count) = self.synthetic {
            return format!("{count} made from {}", self.from);
        }
        let names = self.fleet.iter().map(|path| input::name(path));
        names.collect::<Vec<_>>().join(", ")
    }

    /// The fleet as a plan binds it.
    ///
    /// # Errors
    /// When a file cannot be read, or cannot be read twice.
    pub(super) fn planned_fleet(&self) -> anyhow::Result<Fleet> {
        match self.synthetic {
            Some(count) => Ok(Fleet::Synthetic(count)),
            None => plan_file::planned(&self.fleet),
        }
    }

    pub(super) fn lists_on_stdout(&self) -> bool {
        self.list.as_deref() == Some(Path::new("-"))
    }
}

impl Stated {
    pub(crate) fn assumed(&self) -> Assumed {
        let Self {
            enrollment,
            individual,
            current_hub,
            linked_hubs,
            without,
        } = self;
        let without = without.iter().map(|part| match part {
            Without::Payload => Part::Payload,
            Without::Certificate => Part::Certificate,
            Without::IotEdge => Part::IotEdge,
        });
        Assumed {
            group: enrollment.clone(),
            individual: *individual,
            hub: current_hub.clone(),
            linked: (!linked_hubs.is_empty()).then(|| linked_hubs.clone()),
            without: without.collect::<Parts>(),
            as_new: false,
        }
    }
}
