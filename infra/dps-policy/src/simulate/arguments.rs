//! What `simulate` is called with.

use std::collections::HashMap;
use std::fmt;
use std::num::ParseIntError;
use std::path::PathBuf;

use dps_fleet::preview::Side;
use dps_fleet::simulate::{Calendar, CalendarError, Capacities, Measured, Pace};
use jiff::{SignedDuration, Timestamp};

use crate::devices::Devices;
use crate::moment;
use crate::source::Source;
use crate::stated::Stated;

/// Show how many devices each hub has over time
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy simulate [OPTIONS] <SOURCE> <--fleet <FILE>|--synthetic <N>>",
    after_help = AFTER_HELP
)]
pub(crate) struct Arguments {
    /// Config tables: folder, `tables` or `tables@REVISION`
    pub(super) source: Source,

    #[command(flatten)]
    pub(super) devices: Devices,

    /// How often each device registers
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = moment::length)]
    register_every: SignedDuration,

    /// Take how often devices register from lines of the decision log
    #[arg(long, value_name = "LOG", conflicts_with = "register_every")]
    pub(super) register_log: Vec<PathBuf>,

    /// When it begins [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment::time)]
    from: Option<Timestamp>,

    /// When it ends [default: after two registrations of most devices]
    #[arg(long, value_name = "TIME", value_parser = moment::time)]
    until: Option<Timestamp>,

    /// Most devices that each hub may have, or one: HUB=NUMBER
    #[arg(long, value_name = "NUMBER", value_parser = capacity)]
    capacity: Vec<Capacity>,

    #[command(flatten)]
    pub(super) stated: Stated,

    /// Write a page with a chart of each hub: HTML without scripts
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,

    /// Print JSON, with all moments
    #[arg(long)]
    pub(super) json: bool,
}

const AFTER_HELP: &str = "\
Each device registers at its own moments, which are spread evenly, each time
from the hub where the last registration left it. Fleets are those of preview.
A device that is refused stays where it is; one that is undecidable is followed
no further. With --register-log, each tenth of the devices registers as often as
a tenth of those in the log; one that the log names once, once in its time.

Examples:
  dps-policy simulate my-policy --synthetic 10000
  dps-policy simulate tables --fleet fleet.csv --register-every 7d
  dps-policy simulate my-policy --fleet f.csv --until 2027-03-01
  dps-policy simulate tables --fleet webhook.log --register-log webhook.log
  dps-policy simulate tables --fleet f.csv --capacity 1000000 --report load.html

Exit codes: 0 simulated, 1 a hub has more devices than its capacity or the
tables have errors, 2 failure or interrupted.";

/// Registrations of each device, if no end is named.
const REGISTRATIONS: i32 = 2;

/// How many devices hubs may have.
#[derive(Clone, Debug)]
struct Capacity {
    /// As it is written; `None`: of all that are not named.
    hub: Option<String>,
    devices: u64,
}

impl fmt::Display for Capacity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(hub) = &self.hub {
            write!(f, "{hub}=")?;
        }
        self.devices.fmt(f)
    }
}

/// Reads `1000000`, or a hub before it.
fn capacity(text: &str) -> Result<Capacity, &'static str> {
    let (hub, number) = match text.rsplit_once('=') {
        Some((hub, number)) => (Some(hub.to_owned()), number),
        None => (None, text),
    };
    let devices = number.parse();
    let devices = devices.map_err(|_not_a_number: ParseIntError| {
        "it is not a number of devices, or one of a hub; write such as 1000000 or weu-1=1000000"
    })?;
    Ok(Capacity { hub, devices })
}

impl Arguments {
    /// How often devices register.
    pub(super) fn pace(&self, measured: Option<&Measured>) -> Pace {
        let measured = measured.map(|it| it.pace().clone());
        measured.unwrap_or_else(|| Pace::every(self.register_every))
    }

    /// When devices register, and when that begins.
    ///
    /// # Errors
    /// When there are too many moments, or none.
    pub(super) fn calendar(
        &self,
        pace: &Pace,
        now: Timestamp,
    ) -> Result<(Timestamp, Calendar), CalendarError> {
        let from = self.from.unwrap_or(now);
        let until = self.until.unwrap_or_else(|| {
            let length = pace.middle().checked_mul(REGISTRATIONS);
            let end = length.and_then(|length| from.checked_add(length).ok());
            end.unwrap_or(Timestamp::MAX)
        });
        Ok((from, Calendar::new(from, until, pace)?))
    }

    /// How many devices hubs may have.
    ///
    /// # Errors
    /// When one is not a hub of the tables, or is said twice.
    pub(super) fn capacities(&self, side: &Side<'_>) -> anyhow::Result<Capacities> {
        let mut of_hosts = HashMap::new();
        for it in &self.capacity {
            let host = it.hub.as_ref().map(|hub| side.host(hub)).transpose();
            let host = host.map_err(|error| anyhow::anyhow!("--capacity: {error}"))?;
            if let Some(before) = of_hosts.insert(host, it) {
                anyhow::bail!("--capacity says `{before}` and `{it}`; leave one of them out");
            }
        }
        let others = of_hosts.remove(&None).map(|it| it.devices);
        let hubs = of_hosts.into_iter();
        let hubs = hubs.filter_map(|(host, it)| Some((host?, it.devices)));
        Ok(Capacities {
            hubs: hubs.collect(),
            others,
        })
    }

    pub(super) fn fleet_name(&self) -> String {
        self.devices.name(&self.source)
    }
}
