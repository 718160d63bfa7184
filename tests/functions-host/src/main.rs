//! `functions-host`: runs a script root on a laptop, as `func start` does.

use std::path::PathBuf;
use std::pin::pin;

use clap::{Parser, ValueEnum};
use functions_host::log::{Level, Line, Log};
use functions_host::{Auth, Endpoint, Host, Keys, Options, State, Stop, TraceContext};
use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};

/// Stand-in for the Azure Functions host (`func start`) with a custom handler.
///
/// Starts the handler that host.json names, prints the functions' URLs and the log, and ends with
/// Ctrl-C or SIGTERM: it lets calls end for up to 30 s, and then kills the handler. It sends the
/// handler no signal of its own; a terminal sends Ctrl-C to both.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Arguments {
    /// Folder with host.json, the function folders and the handler.
    #[arg(long, value_name = "DIR", default_value = ".")]
    script_root: PathBuf,

    /// Port on 127.0.0.1; 0 for any free one.
    #[arg(long, short, default_value_t = 7071)]
    port: u16,

    /// Ask callers for keys, as Azure does; local.settings.json is not read then.
    ///
    /// The file is JSON: {"masterKey": "..", "functionKeys": {"default": ".."},
    /// "functions": {"allocate": {"default": ".."}}}. It is read for each call.
    #[arg(long, value_name = "FILE")]
    auth_keys: Option<PathBuf>,

    /// Trace context that reaches the handler.
    #[arg(long, value_enum, default_value_t = Trace::AsSeen)]
    trace_context: Trace,

    /// App setting, before the environment; `AzureFunctionsJobHost__a__b` overrides host.json.
    #[arg(long = "setting", value_name = "NAME=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
}

#[derive(ValueEnum, Clone, Copy)]
enum Trace {
    /// As a real host was seen: by `telemetryMode` of host.json.
    AsSeen,
    /// The caller's with the host's span, or a new one.
    HostSpan,
    /// The caller's, or none.
    CallerOnly,
    /// The caller's, or one made by the host.
    HostMade,
    /// None, not even the caller's.
    None,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let auth = match arguments.auth_keys {
        None => Auth::Off,
        Some(path) => {
            Keys::read(&path)?;
            Auth::File(path)
        }
    };
    let host = Host::start(Options {
        port: arguments.port,
        auth,
        trace_context: match arguments.trace_context {
            Trace::AsSeen => TraceContext::AsSeen,
            Trace::HostSpan => TraceContext::HostSpan,
            Trace::CallerOnly => TraceContext::CallerOnly,
            Trace::HostMade => TraceContext::HostMade,
            Trace::None => TraceContext::None,
        },
        settings: arguments.settings.into_iter().collect(),
        ..Options::new(arguments.script_root)
    })
    .await?;
    announce(&host);
    let (log, mut printed) = (host.log().clone(), 0);
    let mut terminated = signal(SignalKind::terminate())?;
    let ended = async {
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed,
            _ = terminated.recv() => Ok(()),
            () = host.wait_for(State::Stopped) => Ok(()),
        }
    };
    printing(&log, &mut printed, ended).await?;
    printing(&log, &mut printed, host.stop(Stop::Host)).await;
    log.lines().iter().skip(printed).for_each(show);
    Ok(())
}

fn setting(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("a setting is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[expect(
    clippy::print_stdout,
    reason = "the URLs are what a user starts this for"
)]
fn announce(host: &Host) {
    println!("Functions:\n");
    for Endpoint {
        name,
        methods,
        path,
    } in host.endpoints()
    {
        let methods = if methods.is_empty() {
            String::new()
        } else {
            methods.join(",")
        };
        println!(
            "\t{name}: [{methods}] http://localhost:{}{path}",
            host.port()
        );
    }
    println!();
}

/// Prints log lines, from number `printed`, while something else is waited for.
async fn printing<T>(log: &Log, printed: &mut usize, other: impl Future<Output = T>) -> T {
    let mut other = pin!(other);
    loop {
        tokio::select! {
            line = log.line(*printed) => {
                show(&line);
                *printed += 1;
            }
            done = &mut other => return done,
        }
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the log is what a user starts this for"
)]
fn show(
    Line {
        time,
        level,
        category,
        message,
    }: &Line,
) {
    let time = Timestamp::try_from(*time).unwrap_or_default();
    let level = match level {
        Level::Information => "info",
        Level::Warning => "warn",
        Level::Error => "fail",
    };
    println!("[{time:.3}] {level}: {category}: {message}");
}
