//! The webhook as a program: a custom handler under the Functions host, a plain server elsewhere.

use std::process::ExitCode;

use dps_webhook::{Program, Settings, run};

const ABOUT: &str = "\
The custom allocation webhook of the IoT Hub Device Provisioning Service.

Usage: dps-webhook [--help | --help=markdown | --version]

";

fn main() -> ExitCode {
    let program = Program {
        name: env!("CARGO_BIN_NAME"),
        about: ABOUT,
        listens: true,
    };
    program.main(Settings::read, run)
}
