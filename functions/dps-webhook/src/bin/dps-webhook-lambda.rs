//! The webhook as a function of AWS Lambda.

use std::process::ExitCode;

use dps_webhook::{Program, Settings, run_on_lambda};

const ABOUT: &str = "\
The custom allocation webhook of the IoT Hub Device Provisioning Service, on AWS Lambda.

Usage: dps-webhook-lambda [--help | --version]

It is the `bootstrap` of a function with an OS-only runtime. It answers function URLs, API Gateway
(HTTP and REST APIs) and load balancers, and asks every caller for a key.

";

fn main() -> ExitCode {
    let program = Program {
        name: env!("CARGO_BIN_NAME"),
        about: ABOUT,
        listens: false,
    };
    program.main(Settings::read_on_lambda, run_on_lambda)
}
