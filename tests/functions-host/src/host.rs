//! The host: what starts, watches and ends everything else.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::dispatcher::{Dispatcher, State};
use crate::environment::{Environment, LocalSettingsError, WORKER_RUNTIME};
use crate::front::Front;
use crate::function::{self, FunctionsError};
use crate::host_json::{HostJson, HostJsonError};
use crate::invocation::Limit;
use crate::key::Auth;
use crate::log::{self, Log};
use crate::options::Options;
use crate::port::Port;
use crate::relay::Relay;
use crate::server::App;
use crate::upstream::Upstream;
use crate::worker::{Launch, Stop};

/// Largest request body in bytes (Kestrel's, as the host sets it).
const BODY_LIMIT: usize = 104_857_600;

/// Setting that replaces the limit, in bytes.
const BODY_LIMIT_SETTING: &str = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";

/// Running host; dropping it kills the handler.
#[derive(Debug)]
pub struct Host {
    address: SocketAddr,
    app: Arc<App>,
    route_prefix: String,
    front: Front,
    drain: Duration,
    /// Stays the same when the handler is started again.
    _handler_port: Port,
}

/// A function and where it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Name of the function.
    pub name: String,
    /// Methods in upper case; `None`: every method.
    pub methods: Vec<String>,
    /// Route template below the host's address, prefix included, such as `/api/allocate`.
    pub path: String,
}

/// Why the host does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken, or not ours to take.
    #[error("port `{0}` on 127.0.0.1 cannot be listened on: {1}; `--port` names another one")]
    Listen(u16, io::Error),
    /// The script root is missing, or is no folder that can be read.
    #[error("`{0}` is not a usable script root: {1}")]
    ScriptRoot(PathBuf, io::Error),
    /// Nothing says which stack this is; `func` would ask in the terminal.
    #[error(
        "FUNCTIONS_WORKER_RUNTIME is not set, set it in the environment or local.settings.json"
    )]
    NoWorkerRuntime,
    /// The setting for the largest body is not a number.
    #[error("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT is `{0}`, it must be a number of bytes")]
    BodyLimit(String),
    /// local.settings.json cannot be used.
    #[error(transparent)]
    LocalSettings(#[from] LocalSettingsError),
    /// host.json cannot be used.
    #[error(transparent)]
    HostJson(#[from] HostJsonError),
    /// The functions cannot be served.
    #[error(transparent)]
    Functions(#[from] FunctionsError),
}

impl Host {
    /// Reads the script root, starts the handler and listens; the handler need not be ready.
    ///
    /// # Errors
    ///
    /// Everything that keeps the real host from starting. A function in error does not: it is
    /// logged, and its route answers 404. Nor does a handler that cannot be started: calls wait.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let port = options.port;
        let listen = |error| StartError::Listen(port, error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let root = std::path::absolute(&options.script_root)
            .map_err(|error| StartError::ScriptRoot(options.script_root.clone(), error))?;
        // First, or what is missing in the folder is blamed for it.
        std::fs::read_dir(&root).map_err(|error| StartError::ScriptRoot(root.clone(), error))?;
        let environment = match options.auth {
            Auth::Off => Environment::of_laptop(&options.settings, &root, address.port())?,
            Auth::On(_) | Auth::File(_) => Environment::of_azure(&options.settings),
        };
        environment
            .get(WORKER_RUNTIME)
            .ok_or(StartError::NoWorkerRuntime)?;
        let body_limit = match environment.get(BODY_LIMIT_SETTING) {
            None => BODY_LIMIT,
            Some(text) => text
                .parse()
                .ok()
                .ok_or_else(|| StartError::BodyLimit(text.to_owned()))?,
        };
        let log = Log::new();
        let host_json = HostJson::read(&root, &environment)?;
        let functions = function::read(&root, &host_json, &environment, &log)?;
        log.information(
            log::STARTUP,
            format!("{} functions loaded", functions.len()),
        );

        let handler_port = match host_json.port {
            Some(port) => port,
            None => Port::any().map_err(listen)?,
        };
        let upstream = Upstream::new(handler_port.number());
        let launch = (!functions.is_empty()).then_some(Launch {
            executable: host_json.executable,
            arguments: host_json.arguments,
            working_directory: host_json.working_directory,
            script_root: root,
            environment,
            port: handler_port.number(),
            stderr_is_errors: host_json.stderr_is_errors,
            initialization: host_json.initialization_timeout,
        });
        let app = Arc::new(App {
            functions,
            auth: options.auth,
            mode: host_json.mode,
            dispatcher: Dispatcher::start(launch, upstream.clone(), log.clone()),
            relay: Relay {
                upstream,
                trace_context: options.trace_context.under(host_json.open_telemetry),
                body_limit,
                activity: options.waits.activity,
                log,
            },
            limit: host_json.function_timeout.map(|time| Limit {
                time,
                grace: options.waits.timeout_grace,
            }),
        });
        let front = Front::start(listener, Arc::clone(&app), options.waits.head);
        Ok(Self {
            address,
            app,
            route_prefix: host_json.route_prefix,
            front,
            drain: options.waits.drain,
            _handler_port: handler_port,
        })
    }

    /// Address of the host, `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Port the host listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Functions that are served, in the order in which their routes are tried.
    #[must_use]
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let prefix = self.route_prefix.as_str();
        let separator = if prefix.is_empty() { "" } else { "/" };
        let endpoint = |function: &function::Function| Endpoint {
            name: function.name.clone(),
            methods: function.methods.clone(),
            path: format!(
                "/{prefix}{separator}{}",
                function.route.trim_start_matches('/')
            ),
        };
        self.app.functions.iter().map(endpoint).collect()
    }

    /// Process id of the handler; `None` while there is no process.
    #[must_use]
    pub fn handler_pid(&self) -> Option<u32> {
        self.app
            .dispatcher
            .pid()
            .and_then(|pid| u32::try_from(pid.as_raw_pid()).ok())
    }

    /// How often the handler was started again, for whatever reason.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.app.dispatcher.restarts()
    }

    /// Where the host is with its handler.
    #[must_use]
    pub fn state(&self) -> State {
        self.app.dispatcher.state()
    }

    /// Waits until the host is in this state; for ever if it never is.
    pub async fn wait_for(&self, state: State) {
        // The sender lives in `self`, so this cannot fail.
        let _ = self
            .app
            .dispatcher
            .states()
            .wait_for(|now| *now == state)
            .await;
    }

    /// The host's log, which goes on growing.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.app.relay.log
    }

    /// Ends host and handler; unless it is [`Stop::Kill`], calls under way get time to end.
    ///
    /// Gives the handler's exit status; `None` if there was no handler, or the host had given up.
    pub async fn stop(mut self, how: Stop) -> Option<ExitStatus> {
        self.app.dispatcher.signal(how);
        if how != Stop::Kill {
            self.front.close(self.drain).await;
        }
        self.app.dispatcher.shutdown().await
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.app.dispatcher.abandon();
    }
}
