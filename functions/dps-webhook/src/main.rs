//! The webhook as a program: a custom handler under the Functions host, a plain server elsewhere.

use std::process::ExitCode;

use dps_webhook::{Program, Settings, run};

const HELP: &str = "\
The custom allocation webhook of the IoT Hub Device Provisioning Service.

Usage: dps-webhook [--help | --version]

Settings are environment variables:
  FUNCTIONS_CUSTOMHANDLER_PORT  port (7071)
  LISTEN_ADDRESS                address (127.0.0.1); any that other machines reach needs keys";

fn main() -> ExitCode {
    let program = Program {
        name: env!("CARGO_BIN_NAME"),
        help: HELP,
    };
    program.main(Settings::read, run)
}
