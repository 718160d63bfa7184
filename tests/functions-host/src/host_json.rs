//! `host.json`: how the handler is started and which way requests reach it.
//!
//! Section 1 of the reference; `HttpWorkerOptionsSetup.cs`, `ScriptJobHostOptionsSetup.cs`. Comments
//! and unknown keys are tolerated.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use serde_json::Value;

use crate::comments::without_comments;
use crate::environment::{Environment, WORKER_RUNTIME};
use crate::key::Level;
use crate::port::Port;
use crate::setting::Settings;

/// Readiness limit when host.json names none (`HttpWorkerOptions.InitializationTimeout`).
const INITIALIZATION: Duration = Duration::from_secs(30);

/// Limit of one invocation when host.json names none (`DefaultFunctionTimeout`).
const FUNCTION: Duration = Duration::from_mins(30);

/// What the host takes from host.json.
#[derive(Debug)]
pub(crate) struct HostJson {
    /// Path of the handler, or a name to be looked up in PATH.
    pub(crate) executable: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) working_directory: PathBuf,
    /// Lines on stderr are errors whatever they say; the default of custom handlers.
    pub(crate) stderr_is_errors: bool,
    /// How HTTP-only functions reach the handler.
    pub(crate) mode: Mode,
    pub(crate) initialization_timeout: Duration,
    /// Port fixed by configuration.
    pub(crate) port: Option<Port>,
    pub(crate) routes: Vec<HttpRoute>,
    pub(crate) route_prefix: String,
    /// `telemetryMode`.
    pub(crate) open_telemetry: bool,
    /// `None`: no limit, written as -1.
    pub(crate) function_timeout: Option<Duration>,
}

/// How an HTTP request is handed to the handler.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Mode {
    /// `enableProxyingHttpRequest`: streamed by a reverse proxy; wins if both are set.
    Proxy,
    /// `enableForwardingHttpRequest`: rebuilt and buffered, the older way.
    Forward,
    /// Neither flag: the JSON envelope of section 4.
    Envelope,
}

/// One element of `customHandler.http.routes`.
#[derive(Debug)]
pub(crate) struct HttpRoute {
    pub(crate) template: String,
    pub(crate) level: Level,
}

/// Why the host refuses a host.json.
#[derive(Debug, thiserror::Error)]
pub enum HostJsonError {
    /// The script root has no readable host.json.
    #[error("`{0}` cannot be read, a script root needs it: {1}")]
    Read(PathBuf, io::Error),
    /// The file is not JSON.
    #[error("`{0}` is not valid: {1}")]
    Syntax(PathBuf, serde_json::Error),
    /// `version` is missing, another one or not a string.
    #[error("host.json has version `{0}`, it must be the string \"2.0\"")]
    Version(Value),
    /// `customHandler.description.defaultExecutablePath` is missing or empty.
    #[error("host.json names no handler, set `customHandler.description.defaultExecutablePath`")]
    NoExecutable,
    /// A value breaks its rule: the key, the value, the rule.
    #[error("`{0}` is `{1}`, it must be {2}")]
    Value(String, String, &'static str),
}

impl HostJsonError {
    pub(crate) fn value(key: &str, value: &str, rule: &'static str) -> Self {
        Self::Value(key.replace(':', "."), value.to_owned(), rule)
    }
}

impl HostJson {
    /// Reads `<script root>/host.json` and what overrides it.
    pub(crate) fn read(root: &Path, environment: &Environment) -> Result<Self, HostJsonError> {
        let json = parse(&root.join("host.json"))?;
        let version = json.get("version").unwrap_or(&Value::Null);
        if version != "2.0" {
            return Err(HostJsonError::Version(version.clone()));
        }
        let settings = Settings::new(&json, environment)?;
        Ok(Self {
            executable: executable(&settings, root, environment)?,
            arguments: arguments(&settings),
            working_directory: (settings.text("customHandler:description:workingDirectory"))
                .map_or_else(|| root.to_owned(), |path| root.join(path)),
            stderr_is_errors: settings.boolean(
                "customHandler:description:useStdErrorStreamForErrorsOnly",
                true,
            )?,
            mode: mode(&settings)?,
            initialization_timeout: (settings.span("customHandler:initializationTimeout")?)
                .map_or(INITIALIZATION, |span| span.length),
            port: settings
                .text("customHandler:port")
                .map(free_port)
                .transpose()?,
            routes: routes(&settings, environment)?,
            route_prefix: settings
                .text("extensions:http:routePrefix")
                .unwrap_or("api")
                .to_owned(),
            open_telemetry: settings
                .text("telemetryMode")
                .is_some_and(|mode| mode.eq_ignore_ascii_case("OpenTelemetry")),
            function_timeout: function_timeout(&settings)?,
        })
    }
}

fn parse(path: &Path) -> Result<Value, HostJsonError> {
    let text =
        fs::read_to_string(path).map_err(|error| HostJsonError::Read(path.to_owned(), error))?;
    serde_json::from_reader(without_comments(&text))
        .map_err(|error| HostJsonError::Syntax(path.to_owned(), error))
}

/// A relative path becomes absolute if the file is in the script root; else PATH is searched.
fn executable(
    settings: &Settings,
    root: &Path,
    environment: &Environment,
) -> Result<PathBuf, HostJsonError> {
    let text = settings
        .text("customHandler:description:defaultExecutablePath")
        .unwrap_or_default();
    let expanded = environment.expand(text, false);
    if expanded.is_empty() {
        return Err(HostJsonError::NoExecutable);
    }
    let in_root = root.join(&expanded);
    Ok(if in_root.is_file() {
        in_root
    } else {
        PathBuf::from(expanded)
    })
}

/// Arguments as an array, or as the text of one (so that one variable can replace them all).
fn arguments(settings: &Settings) -> Vec<String> {
    let path = "customHandler:description:arguments";
    let listed = settings
        .text(path)
        .and_then(|text| serde_json::from_str(text).ok());
    let element = |path: &String| settings.text(path).map(str::to_owned);
    listed.unwrap_or_else(|| settings.elements(path).iter().filter_map(element).collect())
}

fn mode(settings: &Settings) -> Result<Mode, HostJsonError> {
    let proxy = settings.boolean("customHandler:enableProxyingHttpRequest", false)?;
    let forward = settings.boolean("customHandler:enableForwardingHttpRequest", false)?;
    Ok(match (proxy, forward) {
        (true, _) => Mode::Proxy,
        (false, true) => Mode::Forward,
        (false, false) => Mode::Envelope,
    })
}

fn free_port(text: &str) -> Result<Port, HostJsonError> {
    let number = text.parse().ok().filter(|number| *number != 0);
    number
        .and_then(|number| Port::fixed(number).ok())
        .ok_or_else(|| HostJsonError::value("customHandler:port", text, "a free port, or left out"))
}

fn routes(settings: &Settings, env: &Environment) -> Result<Vec<HttpRoute>, HostJsonError> {
    let level = |path: &str, default: Level| match settings.text(path) {
        None => Ok(default),
        Some(text) => {
            Level::parse(text).ok_or_else(|| HostJsonError::value(path, text, Level::RULE))
        }
    };
    let default = level(
        "customHandler:http:defaultAuthorizationLevel",
        Level::Function,
    )?;
    let route = |path: &String| {
        Ok(HttpRoute {
            template: settings
                .text(&format!("{path}:route"))
                .unwrap_or_default()
                .to_owned(),
            level: level(&format!("{path}:authorizationLevel"), default)?,
        })
    };
    let paths = settings.elements("customHandler:http:routes");
    let runtime = env.get(WORKER_RUNTIME).unwrap_or_default();
    if !paths.is_empty() && !runtime.eq_ignore_ascii_case("custom") {
        let rule = "custom for `customHandler.http.routes`";
        return Err(HostJsonError::value(WORKER_RUNTIME, runtime, rule));
    }
    paths.iter().map(route).collect()
}

/// -1 (a day, negative) is no limit; less than a second is an error (`MinFunctionTimeout`).
fn function_timeout(settings: &Settings) -> Result<Option<Duration>, HostJsonError> {
    let key = "functionTimeout";
    match settings.span(key)? {
        None => Ok(Some(FUNCTION)),
        Some(span) if span.negative && span.length == Duration::from_hours(24) => Ok(None),
        Some(span) if !span.negative && span.length >= Duration::from_secs(1) => {
            Ok(Some(span.length))
        }
        Some(_) => {
            let value = settings.text(key).unwrap_or_default();
            Err(HostJsonError::value(
                key,
                value,
                "-1 (no limit) or at least a second",
            ))
        }
    }
}
