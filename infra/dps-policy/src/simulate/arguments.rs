//! What `simulate` is called with.

use dps_fleet::rollout::length;
use dps_fleet::simulate::{Calendar, CalendarError};
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
    #[arg(value_parser = Source::parser())]
    pub(super) source: Source,

    #[command(flatten)]
    pub(super) devices: Devices,

    /// How often each device registers
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = length)]
    register_every: SignedDuration,

    /// When it begins [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment::time)]
    from: Option<Timestamp>,

    /// When it ends [default: after two registrations of each device]
    #[arg(long, value_name = "TIME", value_parser = moment::time)]
    until: Option<Timestamp>,

    #[command(flatten)]
    pub(super) stated: Stated,

    /// Print JSON, with all moments
    #[arg(long)]
    pub(super) json: bool,
}

const AFTER_HELP: &str = "\
Each device registers at its own moments, which are spread evenly, and is
decided from where its last registration has left it. Fleets are those of
preview. A device that is refused stays where it is; one that is undecidable
is followed no further.

Examples:
  dps-policy simulate my-policy --synthetic 10000
  dps-policy simulate tables --fleet fleet.csv --register-every 7d
  dps-policy simulate my-policy --fleet f.csv --from 2026-12-01 --until 2027-03-01

Exit codes: 0 simulated, 1 the tables have errors, 2 failure or interrupted.";

/// Registrations of each device, where no end is named.
const REGISTRATIONS: i32 = 2;

impl Arguments {
    /// When devices register, and when that begins.
    ///
    /// # Errors
    /// When there are too many moments, or none.
    pub(super) fn calendar(&self, now: Timestamp) -> Result<(Timestamp, Calendar), CalendarError> {
        let from = self.from.unwrap_or(now);
        let until = self.until.unwrap_or_else(|| {
            let length = self.register_every.checked_mul(REGISTRATIONS);
            let end = length.and_then(|length| from.checked_add(length).ok());
            end.unwrap_or(Timestamp::MAX)
        });
        Ok((from, Calendar::new(from, until, self.register_every)?))
    }

    pub(super) fn fleet_name(&self) -> String {
        self.devices.name(&self.source)
    }
}
