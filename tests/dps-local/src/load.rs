//! `dps-local load`: many devices register at a fixed rate.

mod count;
mod tally;

use std::time::Duration;

use dps_local::{OnHub, SimulatedCredential, SimulatedDevice, SimulatedError, Simulation};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::arguments::Load;
use crate::facts::Facts;
use count::on_hubs;
use tally::{Provisioned, Tally};

/// Before a device tries again what has failed for a reason that passes.
const PAUSE: Duration = Duration::from_secs(1);

/// Registers the devices of the service in a folder, and prints what became of them.
///
/// # Errors
/// If one was refused for good, or the hubs do not have each of them once.
#[expect(clippy::print_stdout, reason = "the result is what it is started for")]
pub(crate) async fn run(load: Load) -> anyhow::Result<()> {
    let facts = Facts::read(&load.folder)?;
    let key = facts.group_key()?;
    let simulation = Simulation::new(facts.site()?)?;
    let (before, count) = (on_hubs(&facts).await?, load.rate * load.seconds);
    let mut ticks = interval(Duration::from_secs(1) / load.rate);
    // A device that is late is not left out.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut devices = JoinSet::new();
    for number in 0..count {
        ticks.tick().await;
        let id = format!("{}-{number}", load.prefix);
        let credential = SimulatedCredential::Key(key.derive(&id));
        let device = simulation.device(&id, credential)?;
        devices.spawn(provision(device));
    }
    let mut tally = Tally::default();
    while let Some(device) = devices.join_next().await {
        let (provisioned, device) = device??;
        let on_hub = if load.connect {
            Some(connect(&device, &provisioned).await?)
        } else {
            None
        };
        tally.add(provisioned, on_hub);
    }
    tally.place(&before, &on_hubs(&facts).await?);
    println!("{:#}", tally.written());
    if load.connect {
        tokio::signal::ctrl_c().await?;
    }
    tally.check()
}

/// As an SDK does: it tries again what can pass, whenever that is.
async fn provision(
    device: SimulatedDevice,
) -> Result<(Provisioned, SimulatedDevice), SimulatedError> {
    let (begin, mut attempts) = (Instant::now(), 1);
    loop {
        match device.register(None).await {
            Ok(answer) => {
                let took = begin.elapsed();
                return Ok((Provisioned::new(&answer, took, attempts), device));
            }
            Err(
                SimulatedError::Https(_)
                | SimulatedError::Refused {
                    status: 409 | 429 | 500..,
                    ..
                },
            ) => {}
            Err(error) => return Err(error),
        }
        attempts += 1;
        sleep(PAUSE).await;
    }
}

async fn connect(
    device: &SimulatedDevice,
    provisioned: &Provisioned,
) -> Result<OnHub, SimulatedError> {
    device.connect(&provisioned.hub, device.id()).await
}
