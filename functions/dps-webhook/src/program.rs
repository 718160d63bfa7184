//! What both programs do besides serving: help, exit codes, and where lines go.

use std::env::VarsOs;
use std::ffi::OsString;
use std::io::{Write as _, stderr, stdout};
use std::process::ExitCode;

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::functions_host::has_started_this;
use crate::lines::Lines;
use crate::serve::ServeError;
use crate::settings::{Settings, WrongSettings};

/// One of the programs, for people.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Its file name.
    pub name: &'static str,
    /// What it is and which settings are its own.
    pub help: &'static str,
}

/// Why a program ends without having served to its end.
#[derive(Debug, thiserror::Error)]
enum Ended {
    /// Nobody knows what to serve.
    #[error(transparent)]
    Settings(#[from] WrongSettings),
    /// It cannot be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
}

/// The settings that the programs share.
const SETTINGS: &str = "
  POLICY_DIR                    folder of the config tables (infra/policy)
  PolicyTables                  config tables in Azure: connection string of the storage account,
                                or UseDevelopmentStorage=true for Azurite
  PolicyTables__tableServiceUri config tables in Azure: https URL, signed in to with an identity;
                                PolicyTables__credential (managedidentity, workloadidentity,
                                awsrole, clientsecret, azurecli), __clientId, __tenantId,
                                __clientSecret
  PolicyTables__create          whether to create tables that are missing (false)
  POLICY_TABLE_PREFIX           what the names of the tables begin with (Dps)
  POLICY_REFRESH_SECONDS        seconds between two looks at the tables (15)
  POLICY_CACHE_DIR              folder for the last good policy, for a start without the tables
  ALLOCATE_DEADLINE_MS          longest time of one request (2000)
  ALLOCATE_KEY_1, ALLOCATE_KEY_2
                                keys of DPS, in ?code= or the header x-functions-key: each opens
                                allocate; at least 32 letters, digits, - and _, of which
                                8 differ
  OPERATOR_KEY_1, OPERATOR_KEY_2
                                keys of operators: each opens explain and policy
  OTEL_EXPORTER_OTLP_ENDPOINT   where traces and metrics go by OTLP; with the other standard
                                variables, such as _PROTOCOL (http/protobuf, grpc), _HEADERS,
                                OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME, OTEL_SDK_DISABLED
  APPLICATIONINSIGHTS_CONNECTION_STRING
                                the Application Insights resource that they go to
  LOG_ID_KEY                    key of 32 characters or more: log and spans tell a hash of
                                registration ids (HMAC-SHA256) in place of them
  RUST_LOG                      what is logged: off, error, warn, info, debug, trace, and
                                target=level, between commas (info); info,decision=off leaves
                                out the line of each decision
";

/// `EX_USAGE` of sysexits.h.
const WRONG_USAGE: u8 = 64;
/// `EX_UNAVAILABLE`.
const UNAVAILABLE: u8 = 69;
/// `EX_OSERR`.
const SYSTEM_ERROR: u8 = 71;

impl Program {
    /// Reads the settings and runs, unless an argument asks for something else.
    #[must_use]
    pub fn main(
        self,
        read: impl FnOnce(VarsOs) -> Result<Settings, WrongSettings>,
        run: impl FnOnce(Settings, &Lines) -> Result<(), ServeError>,
    ) -> ExitCode {
        let under_host = has_started_this(|name| std::env::var_os(name).is_some());
        match std::env::args_os().nth(1) {
            None => self.end(serve(read, run), under_host),
            // What ends with 0 is not started again, and every call fails.
            Some(argument) if under_host => {
                let argument = argument.display();
                let rule = "is not an argument under a Functions host";
                let help = "leave `arguments` out of customHandler in host.json";
                self.fail(WRONG_USAGE, &format!("`{argument}` {rule}; {help}"))
            }
            Some(argument) if is(&argument, "--help", "-h") => {
                print(&[self.help, SETTINGS, "\n", EXIT_CODES])
            }
            Some(argument) if is(&argument, "--version", "-V") => {
                print(&[self.name, " ", env!("CARGO_PKG_VERSION"), "\n"])
            }
            Some(argument) => {
                let (name, argument) = (self.name, argument.display());
                let message = format!("`{argument}` is not an argument; see {name} --help");
                self.fail(WRONG_USAGE, &message)
            }
        }
    }

    fn end(self, served: Result<(), Ended>, under_host: bool) -> ExitCode {
        let ended = match served {
            Err(ended) => ended,
            Ok(()) if under_host => {
                return self.fail(SYSTEM_ERROR, "the server has ended by itself");
            }
            Ok(()) => return ExitCode::SUCCESS,
        };
        let code = match ended {
            Ended::Settings(_) | Ended::Serve(ServeError::Store(_)) => WRONG_USAGE,
            Ended::Serve(ServeError::Listen { .. } | ServeError::HostGone) => UNAVAILABLE,
            Ended::Serve(ServeError::System(_) | ServeError::Lambda(_)) => SYSTEM_ERROR,
        };
        self.fail(code, &ended.to_string())
    }

    /// The Functions host shows the lines of stderr as errors.
    fn fail(self, code: u8, message: &str) -> ExitCode {
        // Nobody is left to tell when stderr is closed, as where the host is gone.
        let _closed = writeln!(stderr(), "{}: {message}", self.name);
        ExitCode::from(code)
    }
}

fn serve(
    read: impl FnOnce(VarsOs) -> Result<Settings, WrongSettings>,
    run: impl FnOnce(Settings, &Lines) -> Result<(), ServeError>,
) -> Result<(), Ended> {
    let settings = read(std::env::vars_os())?;
    let lines = Lines::to_stdout().map_err(ServeError::System)?;
    log_to(lines.clone(), settings.log.clone());
    Ok(run(settings, &lines)?)
}

const EXIT_CODES: &str = "\
Exit codes: 0 stopped by SIGTERM or SIGINT, 64 wrong settings or arguments, 69 the port is not
free or the Functions host is gone, 71 the system refuses what a server needs. Under a Functions
host a signal only flushes: the host ends the process.
";

/// One line an event: the Functions host takes each line for an event of its own. On a terminal,
/// as many as it takes.
fn log_to(lines: Lines, targets: Targets) {
    let terminal = lines.terminal();
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(terminal.is_some())
        .with_writer(lines);
    let layer = match terminal {
        None => layer.boxed(),
        Some(terminal) => layer.event_format(terminal).boxed(),
    };
    // The SDK of OpenTelemetry logs each batch that fails; the sender logs the first. The runtime
    // of Lambda wraps each request in a span, which would stand before every line.
    let targets = targets
        .with_target("opentelemetry", LevelFilter::OFF)
        .with_target("lambda_runtime", LevelFilter::WARN);
    tracing_subscriber::registry()
        .with(targets)
        .with(layer)
        .init();
}

fn is(argument: &OsString, long: &str, short: &str) -> bool {
    argument == long || argument == short
}

fn print(texts: &[&str]) -> ExitCode {
    // Nobody is left to tell when stdout is closed.
    let _closed = stdout().write_all(texts.concat().as_bytes());
    ExitCode::SUCCESS
}
