//! The webhook as a function of AWS Lambda.

use std::io::stdout;
use std::process::ExitCode;

use dps_webhook::{Ended, Lines, Program, ServeError, Settings, log_to};

const HELP: &str = "\
The custom allocation webhook of the IoT Hub Device Provisioning Service, on AWS Lambda.

Usage: dps-webhook-lambda [--help | --version]

It is the `bootstrap` of a function with an OS-only runtime. It answers function URLs, API Gateway
(HTTP and REST APIs) and load balancers, and asks every caller for a key.

Settings are environment variables:";

fn main() -> ExitCode {
    let program = Program {
        name: env!("CARGO_BIN_NAME"),
        help: HELP,
    };
    program.main(serve)
}

fn serve() -> Result<(), Ended> {
    let settings = Settings::read_on_lambda(std::env::vars_os())?;
    let lines = Lines::to(stdout()).map_err(ServeError::System)?;
    log_to(lines.clone(), settings.log.clone());
    Ok(dps_webhook::run_on_lambda(settings, lines)?)
}
