//! `doctor`: whether a deployed webhook decides as the tables say, seen from outside.

mod arguments;
mod candidate;
mod clock;
mod decisions;
mod finding;
mod health;
mod linked_hubs;
mod locked;
mod operators;
mod report;
mod tables;
mod telemetry;

use std::time::Duration;

use tokio::time::Instant;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::output;
use crate::webhook::{Client, Keys, Route};
pub(crate) use arguments::Arguments;
use finding::Checks;
use report::Report;

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let report = examine(&arguments).await?;
    output::answer(arguments.json, &report, || report.text())?;
    Ok(Exit::of(report.is_good()))
}

/// Every check that can be made; one that needs the answer to another is left out without it.
async fn examine(arguments: &Arguments) -> anyhow::Result<Report> {
    let until = Instant::now() + Duration::from_secs(arguments.wait);
    let keys = Keys::of_environment()?;
    let client = Client::new(&arguments.url)?;
    let mut checks = Checks::default();
    let checked = match Checked::read(arguments.source.clone()).await {
        Ok(checked) => tables::check(&mut checks, checked),
        Err(error) => {
            tables::unreadable(&mut checks, &error);
            None
        }
    };
    let requests = match &checked {
        Some(tables) => decisions::requests(arguments.requests.as_deref(), tables)?,
        None => Vec::new(),
    };
    let health = loop {
        let health = client.call(Route::Health, None).await;
        let is_up = health.as_ref().is_ok_and(health::decides);
        if is_up || Instant::now() >= until {
            break health;
        }
        tokio::time::sleep(health::PAUSE).await;
    };
    let Some(health) = health::reachable(&mut checks, health) else {
        return Ok(Report::new(arguments, checks));
    };
    clock::check(&mut checks, &health);
    let revision = checked.as_ref().map(|it| it.policy.revision());
    let may_ask = locked::check(&mut checks, &client, &keys).await;
    health::in_use(&mut checks, &client, health, revision, until).await;
    operators::check(&mut checks, &client, &keys).await;
    if let Some(tables) = checked.as_ref().filter(|_| may_ask) {
        decisions::check(&mut checks, &client, &keys, tables, &requests).await?;
    }
    telemetry::check(&mut checks, &client, &keys, until).await;
    if let (Some(dps), Some(tables)) = (&arguments.dps, &checked) {
        linked_hubs::check(&mut checks, dps, &tables.checked.tables)?;
    }
    Ok(Report::new(arguments, checks))
}
