//! `dps-local demo`: two tenants and their devices, a webhook with the starter tables, and an edit of them.

#![expect(
    clippy::indexing_slicing,
    reason = "a member that a JSON object lacks is null, and nothing else is indexed"
)]

mod enrollments;
mod fleet;
mod outcome;
mod recorder;
mod report;
mod round;
mod style;
mod tables;
mod webhook;

use std::io::{Write as _, stdout};
use std::time::Duration;

use anyhow::Context as _;
use dps_local::{Log, Options, Server, SigningCertificate, Simulation};
use reqwest::Client;

use crate::arguments::Demo;
use enrollments::Enrollments;
use fleet::fleet;
use recorder::Recorder;
use report::{Report, written};
use round::Round;
use tables::{EDIT, Tables};
use webhook::Webhook;

/// Shows devices of both example tenants register, an edit of a table, and what that changes.
#[expect(clippy::print_stderr, reason = "standard output is for the result")]
pub(crate) async fn run(demo: Demo) -> anyhow::Result<()> {
    // Fails where it was done before, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
    let http = Client::builder().no_proxy().build()?;
    let tables = Tables::copy().context("cannot copy the starter tables")?;
    eprintln!("starting the webhook with a copy of the starter tables of infra/policy ..");
    let webhook = Webhook::start(demo.webhook, tables.path(), http.clone()).await?;
    let recorder = Recorder::start(webhook.url(), http).await?;
    let options = Options {
        // What devices wait for their hub; the shortest that DPS can say.
        retry_after: Duration::from_secs(1),
        ..Options::default()
    };
    eprintln!("starting a Device Provisioning Service with five hubs ..");
    let server = Server::start(options, Log::default()).await?;
    let enrollments = Enrollments::new(SigningCertificate::create("Contoso factory")?);
    server.seed(enrollments.seed(recorder.url())).await?;
    let devices = fleet(&Simulation::new(server.site())?, &enrollments)?;

    // What is printed on the way.
    let mut report = (!demo.json).then(Report::new);
    eprintln!("registering {} devices ..\n", devices.len());
    let before = Round::run(&devices, &recorder).await?;
    if let Some(report) = &mut report {
        report.first(&before);
        report.edit(&EDIT);
        report.print()?;
    }
    let revision = webhook.revision().await?;
    tables.edit(&EDIT)?;
    eprintln!("waiting until the webhook has seen the edit ..");
    webhook.installed_after(&revision).await?;
    eprintln!("registering the same devices again ..\n");
    let after = Round::run(&devices, &recorder).await?;
    match report {
        Some(mut report) => {
            report.second(&before, &after);
            report.print()?;
        }
        None => writeln!(stdout(), "{:#}", written(&EDIT, &before, &after))?,
    }
    Ok(())
}
