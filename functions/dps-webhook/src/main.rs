//! The webhook as a program: a custom handler under the Functions host, a plain server elsewhere.

use std::io::{IsTerminal as _, Write as _, stdout};
use std::process::ExitCode;
use std::time::Duration;

use dps_webhook::{DecisionLog, Lines, ServeError, Settings};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

const HELP: &str = "\
The custom allocation webhook of the IoT Hub Device Provisioning Service.

Usage: dps-webhook [--help | --version]

Settings are environment variables:
  POLICY_DIR                    folder of the config tables (infra/policy)
  PolicyTables                  config tables in Azure: connection string of the storage account,
                                or UseDevelopmentStorage=true for Azurite
  PolicyTables__tableServiceUri config tables in Azure: https URL, signed in to with an identity;
                                PolicyTables__credential, __clientId, __tenantId, __clientSecret
  PolicyTables__create          whether to create tables that are missing (false)
  POLICY_TABLE_PREFIX           what the names of the tables begin with (Dps)
  POLICY_REFRESH_SECONDS        seconds between two looks at the tables (15)
  POLICY_CACHE_DIR              folder for the last good policy, for a start without the tables
  ALLOCATE_DEADLINE_MS          longest time of one request (2000)
  FUNCTIONS_CUSTOMHANDLER_PORT  port on 127.0.0.1 (7071)
  OTEL_EXPORTER_OTLP_ENDPOINT   where traces and metrics go by OTLP; with the other standard
                                variables, such as _PROTOCOL (http/protobuf, grpc), _HEADERS,
                                OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME, OTEL_SDK_DISABLED
  APPLICATIONINSIGHTS_CONNECTION_STRING
                                the Application Insights resource that they go to
  RUST_LOG                      what is logged: a level, or target=level,.. (info);
                                info,decision=off leaves out the line of each decision

Exit codes: 0 stopped by SIGTERM or SIGINT, 64 wrong settings or arguments, 69 the port is not
free, 71 the system refuses what a server needs.
";

/// How long the end waits for a reader of stdout that does not read.
const LAST_LINES: Duration = Duration::from_secs(1);

/// `EX_USAGE` of sysexits.h.
const WRONG_USAGE: u8 = 64;
/// `EX_UNAVAILABLE`.
const UNAVAILABLE: u8 = 69;
/// `EX_OSERR`.
const SYSTEM_ERROR: u8 = 71;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next() {
        None => serve(),
        Some(argument) if argument == "--help" || argument == "-h" => print(HELP),
        Some(argument) if argument == "--version" || argument == "-V" => print(concat!(
            env!("CARGO_PKG_NAME"),
            " ",
            env!("CARGO_PKG_VERSION"),
            "\n"
        )),
        Some(argument) => {
            let argument = argument.display();
            fail(
                WRONG_USAGE,
                &format!("`{argument}` is not an argument; see dps-webhook --help"),
            )
        }
    }
}

fn serve() -> ExitCode {
    let settings = match Settings::read(std::env::vars_os()) {
        Ok(settings) => settings,
        Err(wrong) => return fail(WRONG_USAGE, &wrong.to_string()),
    };
    let lines = match Lines::to(stdout()) {
        Ok(lines) => lines,
        Err(error) => return fail(SYSTEM_ERROR, &ServeError::System(error).to_string()),
    };
    log_to(lines.clone(), settings.log.clone());
    let log = DecisionLog::new(lines.clone(), &settings.log);
    let served = dps_webhook::run(settings, log);
    lines.flush(LAST_LINES);
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ ServeError::Store(_)) => fail(WRONG_USAGE, &error.to_string()),
        Err(error @ ServeError::Listen { .. }) => fail(UNAVAILABLE, &error.to_string()),
        Err(error @ ServeError::System(_)) => fail(SYSTEM_ERROR, &error.to_string()),
    }
}

/// One line an event: the Functions host takes each line for an event of its own.
fn log_to(lines: Lines, targets: Targets) {
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(stdout().is_terminal())
        .with_writer(lines);
    // The SDK of OpenTelemetry logs each batch that fails; the sender logs the first.
    let targets = targets.with_target("opentelemetry", LevelFilter::OFF);
    tracing_subscriber::registry()
        .with(targets)
        .with(lines)
        .init();
}

fn print(text: &str) -> ExitCode {
    // Nobody is left to tell when stdout is closed.
    let _closed = stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

/// The Functions host shows the lines of stderr as errors.
fn fail(code: u8, message: &str) -> ExitCode {
    eprintln!("dps-webhook: {message}");
    ExitCode::from(code)
}
