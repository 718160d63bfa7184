//! What the program is called with.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use dps_local::Limits;

/// Where the service keeps what survives a restart.
const FOLDER: &str = "dps-local-data";

/// A local Device Provisioning Service with its IoT hubs.
///
/// Devices register over HTTPS, MQTT and AMQP with keys, certificates and TPMs, and custom allocation calls your webhook as DPS
/// does. It prints what devices and operators need, and one line for each attempt to register.
#[derive(Parser)]
#[command(version, max_term_width = 100, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) run: Run,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Print the key of a device from the key of its enrollment group, which is read from standard input.
    DeriveKey {
        /// As the device writes it: its case matters.
        registration_id: String,
    },
    /// Make a certificate for a device, and the signing certificate of its enrollment group.
    ///
    /// The files are for their owner only. The signing certificate, `signing_.pem`, is made with the first device; give
    /// it to an enrollment group, or to `dps-local --signing-certificate`.
    Certificate(Certificate),
    /// Print a program for an SDK of Azure IoT that works with the service as it is.
    Snippet(Snippet),
    /// Register many devices at a fixed rate, and check that each is on one hub once.
    ///
    /// They retry after errors that can pass, so the service and the webhook may be restarted meanwhile.
    Load(Load),
    /// See it work: devices of two tenants register with the starter tables, a table is edited, they register again.
    ///
    /// Starts the webhook with a copy of the starter tables, a service with five hubs, and three dozen devices, which
    /// show keys, certificates and TPMs. Nothing is left behind.
    Demo(Demo),
}

#[derive(Args)]
pub(crate) struct Certificate {
    /// The common name of the certificate.
    pub(crate) registration_id: String,

    /// Organizational unit of the certificate; the starter tables read the tenant from it.
    #[arg(long, value_name = "NAME")]
    pub(crate) unit: Option<String>,

    /// Folder for certificates and keys.
    #[arg(long, value_name = "DIR", default_value = "dps-local-certificates")]
    pub(crate) folder: PathBuf,
}

#[derive(Args)]
pub(crate) struct Snippet {
    /// For which SDK.
    #[arg(value_enum)]
    pub(crate) sdk: Sdk,

    /// Of the device; it is in the enrollment group `devices`.
    #[arg(long, value_name = "ID", default_value = "my-device")]
    pub(crate) registration_id: String,

    /// Folder of the service.
    #[arg(long, value_name = "DIR", default_value = FOLDER)]
    pub(crate) folder: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Sdk {
    /// A device over MQTT, with `azure-iot-device`.
    Python,
    /// A device over MQTT, with the SDK for Node.js.
    NodeMqtt,
    /// A device that registers over HTTPS, with the SDK for Node.js.
    NodeHttps,
    /// An operator, with the service SDK for Node.js.
    Operator,
}

#[derive(Args)]
pub(crate) struct Load {
    /// Devices per second.
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rate: u32,

    /// How long to start devices.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,

    /// What registration ids begin with.
    #[arg(long, default_value = "load")]
    pub(crate) prefix: String,

    /// Connect the devices to their hubs, and keep them there until Ctrl-C.
    #[arg(long)]
    pub(crate) connect: bool,

    /// Folder of the service.
    #[arg(long, value_name = "DIR", default_value = FOLDER)]
    pub(crate) folder: PathBuf,
}

#[derive(Args)]
pub(crate) struct Demo {
    /// Print one JSON object at the end, for scripts.
    #[arg(long)]
    pub(crate) json: bool,

    /// The webhook; without this the `dps-webhook` beside this program.
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) webhook: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Run {
    /// Folder for what survives a restart: data, certificates, keys. Only you can read it.
    #[arg(long, value_name = "DIR", default_value = FOLDER)]
    pub(crate) folder: PathBuf,

    /// Keep nothing.
    #[arg(long, conflicts_with = "folder")]
    pub(crate) ephemeral: bool,

    /// Address to listen on.
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    pub(crate) address: IpAddr,

    /// Port for HTTPS; 0 for any free one.
    #[arg(long, value_name = "PORT", default_value_t = 8443)]
    pub(crate) https_port: u16,

    /// Port for MQTT; 0 for any free one. SDKs expect 8883.
    #[arg(long, value_name = "PORT", default_value_t = 8883)]
    pub(crate) mqtt_port: u16,

    /// Port for AMQP; 0 for any free one. SDKs expect 5671.
    #[arg(long, value_name = "PORT", default_value_t = 5671)]
    pub(crate) amqp_port: u16,

    /// Seconds after which devices ask again.
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    pub(crate) retry_after: u64,

    /// Registrations that are accepted per minute.
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().registrations_per_minute)]
    pub(crate) registrations_per_minute: usize,

    /// Link this hub; can be given several times. Two are linked if there are none.
    #[arg(long = "hub", value_name = "HOST")]
    pub(crate) hubs: Vec<String>,

    /// Let this URL allocate the devices of the enrollment groups that are made.
    ///
    /// Without this, they are spread evenly.
    #[arg(long, value_name = "URL")]
    pub(crate) webhook: Option<String>,

    /// Id of the enrollment group for devices with derived keys. It is made if there is a webhook, or no seed.
    #[arg(long, value_name = "ID", default_value = "devices")]
    pub(crate) group: String,

    /// Id of the enrollment group for devices with certificates.
    #[arg(long, value_name = "ID", default_value = "certificates")]
    pub(crate) x509_group: String,

    /// Create that enrollment group, for devices whose certificates this PEM certificate has issued.
    #[arg(long, value_name = "FILE")]
    pub(crate) signing_certificate: Option<PathBuf>,

    /// Post to this URL what happens to devices on hubs, as IoT Hub publishes it to Event Grid.
    #[arg(long, value_name = "URL")]
    pub(crate) events: Option<String>,

    /// Hubs and enrollments, as `az iot dps enrollment-group list` prints them.
    #[arg(long, value_name = "FILE")]
    pub(crate) seed: Option<PathBuf>,
}
