//! `dps-local`: the service.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use dps_local::{Limits, Log, Options, Seed, Server};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Run;
use crate::facts::Facts;

/// Linked where nobody says which.
const HUBS: [&str; 2] = [
    "contoso-weu-1.azure-devices.net",
    "contoso-eus-1.azure-devices.net",
];

/// Runs until Ctrl-C or SIGTERM.
pub(crate) async fn run(run: Run) -> anyhow::Result<()> {
    let seed = seed(&run)?;
    let folder = (!run.ephemeral).then_some(run.folder);
    let options = Options {
        address: run.address,
        https_port: run.https_port,
        mqtt_port: run.mqtt_port,
        amqp_port: run.amqp_port,
        events: run.events,
        retry_after: Duration::from_secs(run.retry_after),
        folder: folder.clone(),
        limits: Limits {
            registrations_per_minute: run.registrations_per_minute,
            ..Limits::default()
        },
        ..Options::default()
    };
    let server = Server::start(options, Log::new(io::stdout())).await?;
    server.seed(seed).await?;
    server
        .seed(usual(&server, &run.group, run.seed.is_some()))
        .await?;
    if let Some(folder) = &folder {
        Facts::of(&server, &run.group, folder)?.write(folder)?;
    }
    announce(&server, &run.group, folder.as_deref());
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed?,
        _ = terminated.recv() => {}
    }
    Ok(())
}

/// What the command line asks for.
fn seed(run: &Run) -> anyhow::Result<Seed> {
    let seed = match &run.seed {
        Some(path) => Seed::read(path)?,
        None => Seed::default(),
    };
    let hubs = run.hubs.iter().map(|hub| json!({ "name": hub }));
    let seed = hubs.fold(seed, Seed::with_hub);
    let url = run.webhook.as_deref();
    let seed = match url {
        Some(_) => seed.with_group(group(&run.group, &json!({ "type": "symmetricKey" }), url)),
        None => seed,
    };
    let Some(path) = &run.signing_certificate else {
        return Ok(seed);
    };
    let certificate = fs::read_to_string(path);
    let certificate = certificate.with_context(|| format!("cannot read `{}`", path.display()))?;
    let signing = json!({ "primary": { "certificate": certificate } });
    let attestation = json!({ "type": "x509", "x509": { "signingCertificates": signing } });
    Ok(seed.with_group(group(&run.x509_group, &attestation, url)))
}

/// What is needed to begin with. A seed says itself which enrollments there are.
fn usual(server: &Server, id: &str, has_seed: bool) -> Seed {
    let hubs = HUBS.into_iter().filter(|_| !server.has_hubs());
    let hubs = hubs.map(|hub| json!({ "name": hub }));
    let seed = hubs.fold(Seed::default(), Seed::with_hub);
    if has_seed || server.has_group(id) {
        return seed;
    }
    seed.with_group(group(id, &json!({ "type": "symmetricKey" }), None))
}

/// Keys are made by the service.
fn group(id: &str, attestation: &Value, webhook: Option<&str>) -> Value {
    match webhook {
        Some(url) => json!({
            "enrollmentGroupId": id,
            "attestation": attestation,
            "allocationPolicy": "custom",
            "customAllocationDefinition": { "webhookUrl": url, "apiVersion": "2021-10-01" },
        }),
        None => json!({ "enrollmentGroupId": id, "attestation": attestation }),
    }
}

#[expect(clippy::print_stdout, reason = "this is what a user starts it for")]
fn announce(server: &Server, group: &str, folder: Option<&Path>) {
    println!("HTTPS                {}", server.https());
    println!("MQTT                 {}", server.mqtt());
    println!("AMQP                 {}", server.amqp());
    println!("Host for devices     global.azure-devices-provisioning.net");
    println!("Host for operators   {}", server.host());
    println!("Id scope             {}", server.id_scope());
    println!(
        "Connection string    {}",
        server.connection_string().unwrap_or_default()
    );
    if let Some(key) = server.group_key(group) {
        println!("Enrollment group     {group}");
        println!("Key of the group     {}", String::from(key));
    }
    if let Some(folder) = folder {
        println!(
            "Programs for SDKs    dps-local snippet python, node-mqtt, node-https or operator --folder {}",
            folder.display()
        );
    }
    println!("Certificate to trust:\n{}", server.authority());
}
