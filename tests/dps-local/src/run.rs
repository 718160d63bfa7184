//! `dps-local`: the service.

use std::io;
use std::time::Duration;

use dps_local::{Log, Options, Seed, Server};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Run;

/// The enrollment group of `--webhook`.
const WEBHOOK: &str = "webhook";

/// Runs until Ctrl-C or SIGTERM.
pub(crate) async fn run(run: Run) -> anyhow::Result<()> {
    let seed = match &run.seed {
        Some(path) => Seed::read(path)?,
        None => Seed::default(),
    };
    let hubs = run.hubs.iter().map(|hub| json!({ "name": hub }));
    let seed = hubs.fold(seed, Seed::with_hub);
    let seed = run
        .webhook
        .iter()
        .map(|url| group(url))
        .fold(seed, Seed::with_group);
    let options = Options {
        address: run.address,
        https_port: run.https_port,
        mqtt_port: run.mqtt_port,
        events: run.events.clone(),
        retry_after: Duration::from_secs(run.retry_after),
        folder: (!run.ephemeral).then(|| run.folder.clone()),
        ..Options::default()
    };
    let server = Server::start(options, Log::new(io::stdout())).await?;
    server.seed(seed).await?;
    announce(&server);
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed?,
        _ = terminated.recv() => {}
    }
    Ok(())
}

/// Its keys are made by the service.
fn group(url: &str) -> serde_json::Value {
    json!({
        "enrollmentGroupId": WEBHOOK,
        "attestation": { "type": "symmetricKey" },
        "allocationPolicy": "custom",
        "customAllocationDefinition": { "webhookUrl": url, "apiVersion": "2021-10-01" },
    })
}

#[expect(clippy::print_stdout, reason = "this is what a user starts it for")]
fn announce(server: &Server) {
    println!("HTTPS                {}", server.https());
    println!("MQTT                 {}", server.mqtt());
    println!("Host for devices     global.azure-devices-provisioning.net");
    println!("Host for operators   {}", server.host());
    println!("Id scope             {}", server.id_scope());
    println!(
        "Connection string    {}",
        server.connection_string().unwrap_or_default()
    );
    if let Some(key) = server.group_key(WEBHOOK) {
        println!("Key of `{WEBHOOK}`     {}", String::from(key));
    }
    println!("Certificate to trust:\n{}", server.authority());
}
