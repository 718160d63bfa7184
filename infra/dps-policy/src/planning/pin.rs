//! `move`: one device to a hub.

use anyhow::Context as _;
use dps_fleet::plan::Pin;
use jiff::Timestamp;

use super::target::{Target, write};
use crate::exit::Exit;
use crate::moment::time;

/// Move one device to a hub, for good or until a date
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "dps-policy move [OPTIONS] <DEVICE> <HUB>",
    after_help = AFTER_HELP
)]
pub(crate) struct Arguments {
    /// Registration id
    device: String,

    /// The hub that it gets at its next registration
    hub: String,

    /// From then on it is placed again, as if it were new
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,

    /// Write the row for this tenant; it then comes before those of all
    #[arg(long)]
    tenant: Option<String>,

    #[command(flatten)]
    target: Target,
}

const AFTER_HELP: &str = "\
Adds a rollout that selects this device alone. Pools, residency and rules still
apply: a hub that the device may not have is not given to it; see explain.
With --fleet, first shows who moves: this device alone, if the list has it.

Examples:
  dps-policy move pump-0042 contoso-eus-1
  dps-policy move pump-0042 contoso-eus-1 --until 2026-12-24
  dps-policy move pump-0042 contoso-eus-1 --fleet fleet.csv

Exit codes: 0 written, 1 the tables would have errors, or refused, 2 failure.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let Arguments {
        device,
        hub,
        until,
        tenant,
        target,
    } = arguments;
    let reason = format!("move {device} to {hub}");
    let pin = Pin::new(&device, hub);
    let mut pin = pin.with_context(|| format!("`{device}` is not a registration id"))?;
    pin.until = until;
    pin.tenant = tenant;
    write(target, reason, |_policy, tables, now| pin.plan(tables, now)).await
}
