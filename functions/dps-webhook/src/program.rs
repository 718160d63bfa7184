//! What both programs do besides serving: help, exit codes, and where lines go.

use std::ffi::OsString;
use std::io::{Write as _, stderr, stdout};
use std::process::ExitCode;

use dps_settings::{Environment, Faulty, WrongSettings};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::functions_host::WORKER_ID;
use crate::lines::Lines;
use crate::serve_error::ServeError;
use crate::settings::{Settings, help, settings_page};

/// How one of the programs shows itself to people.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Its file name.
    pub name: &'static str,
    /// The first lines of its help.
    pub about: &'static str,
    /// Whether it listens on a port, so that its help lists the settings for that.
    pub listens: bool,
}

/// Why a program fails.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] WrongSettings),
    /// It cannot serve.
    #[error(transparent)]
    Serve(#[from] ServeError),
}

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
        read: impl FnOnce(&mut Environment) -> Result<Settings, Faulty>,
        run: impl FnOnce(Settings, &Lines) -> Result<(), ServeError>,
    ) -> ExitCode {
        let under_host = std::env::var_os(WORKER_ID).is_some();
        match std::env::args_os().nth(1) {
            None => self.end(serve(read, run), under_host),
            // After exit code 0 the host would not start it again, and every call would fail.
            Some(argument) if under_host => {
                let argument = argument.display();
                let rule = "is not an argument under a Functions host";
                let help = "leave `arguments` out of customHandler in host.json";
                self.fail(WRONG_USAGE, &format!("`{argument}` {rule}; {help}"))
            }
            Some(argument) if is(&argument, "--help", "-h") => {
                print(&[self.about, &help(self.listens), "\n", EXIT_CODES])
            }
            Some(argument) if argument == "--help=markdown" => print(&[&settings_page()]),
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

    fn end(self, served: Result<(), Failure>, under_host: bool) -> ExitCode {
        let failure = match served {
            Err(failure) => failure,
            Ok(()) if under_host => {
                return self.fail(SYSTEM_ERROR, "the server has ended by itself");
            }
            Ok(()) => return ExitCode::SUCCESS,
        };
        let code = match failure {
            Failure::Settings(_) | Failure::Serve(ServeError::Store(_)) => WRONG_USAGE,
            Failure::Serve(ServeError::Listen { .. } | ServeError::HostGone) => UNAVAILABLE,
            Failure::Serve(ServeError::System(_) | ServeError::Lambda(_)) => SYSTEM_ERROR,
        };
        self.fail(code, &failure.to_string())
    }

    /// The Functions host shows the lines of stderr as errors.
    fn fail(self, code: u8, message: &str) -> ExitCode {
        // Nothing can be reported if stderr is closed, such as after the end of the host.
        let _closed = writeln!(stderr(), "{}: {message}", self.name);
        ExitCode::from(code)
    }
}

fn serve(
    read: impl FnOnce(&mut Environment) -> Result<Settings, Faulty>,
    run: impl FnOnce(Settings, &Lines) -> Result<(), ServeError>,
) -> Result<(), Failure> {
    let settings = Environment::new(std::env::vars_os()).read(read)?;
    let lines = Lines::to_stdout().written_before_answers(settings.under_host);
    log_to(lines.clone(), settings.log.clone());
    Ok(run(settings, &lines)?)
}

const EXIT_CODES: &str = "\
Exit codes: 0 stopped by SIGTERM or SIGINT, 64 wrong settings or arguments, 69 the port is not
free or the Functions host is gone, 71 the system refuses what a server needs. Under a Functions
host a signal only flushes: the host ends the process.
";

/// Logs one line per event, since the Functions host makes an event of each line. On a terminal an
/// event may have several.
fn log_to(lines: Lines, targets: Targets) {
    let terminal = lines.terminal();
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(terminal.is_some())
        .with_writer(lines);
    let layer = match terminal {
        None => layer.boxed(),
        Some(terminal) => layer.event_format(terminal).boxed(),
    };
    // The SDK of OpenTelemetry would log each batch that fails; our sender logs the first. The
    // runtime of Lambda would put the span of the request before every line.
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
    // Nothing can be reported if stdout is closed.
    let _closed = stdout().write_all(texts.concat().as_bytes());
    ExitCode::SUCCESS
}
