//! From settings to a server that answers, until a signal ends it.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dps_policy_store::azure::ClientError;
use dps_telemetry::{Destinations, PolicyState, Telemetry};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::body::Room;
use crate::connections::{self, Limits};
use crate::decision_log::DecisionLog;
use crate::devices::DeviceLookup;
use crate::front::Front;
use crate::functions_host::FunctionsHost;
use crate::last_good::LastGoodFiles;
use crate::lines::Lines;
use crate::policy::PolicyInUse;
use crate::refresh::PolicyRefresh;
use crate::routes::{App, router};
use crate::settings::Settings;
use crate::signals::Signals;
use crate::strangers::Strangers;

/// Longest time that requests under way are given after a signal.
///
/// Well within the 10 seconds after which platforms kill, and longer than the default deadline of a request.
const DRAIN: Duration = Duration::from_secs(5);

/// Longest time that telemetry is given at the end: with [`DRAIN`] still within those 10 seconds.
const FLUSH: Duration = Duration::from_secs(3);

/// The same where the Functions host is gone: two seconds after it, so is this process.
const FLUSH_WITHOUT_HOST: Duration = Duration::from_millis(500);

/// How long the end waits for a reader of stdout that does not read.
const LAST_LINES: Duration = Duration::from_millis(500);

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or may not be used.
    #[error("cannot listen on {address}: {source}; {}", listen_elsewhere(source))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Nobody is left who would send requests, or end the process.
    #[error("the Functions host that has started this process is gone")]
    HostGone,
    /// The settings name a store that cannot be used from here.
    #[error("the config tables cannot be opened: {0}")]
    Store(#[from] ClientError),
    /// The system gives no thread, signal or event queue.
    #[error("the system refuses what a server needs: {0}")]
    System(#[from] io::Error),
    /// Lambda's runtime API is not there, or gives no more requests.
    #[error("the runtime API of AWS Lambda cannot be asked for requests: {0}")]
    Lambda(lambda_http::Error),
}

/// What to do about an address that cannot be listened on.
fn listen_elsewhere(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program uses the port: end it, or set FUNCTIONS_CUSTOMHANDLER_PORT to another port"
        }
        io::ErrorKind::PermissionDenied => {
            "the port needs rights that this user does not have: set FUNCTIONS_CUSTOMHANDLER_PORT to \
             1024 or more"
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine does not have the address: set LISTEN_ADDRESS to one that it has"
        }
        _ => "FUNCTIONS_CUSTOMHANDLER_PORT and LISTEN_ADDRESS say where to listen",
    }
}

/// Serves until SIGTERM or SIGINT, or, where a Functions host has started the process, as long as
/// that is there; decisions are logged among `lines`.
///
/// # Errors
/// [`ServeError`] when the server cannot start, or the host is gone.
pub fn run(settings: Settings, lines: &Lines) -> Result<(), ServeError> {
    // One thread answers tens of thousands of requests a second; DPS sends at most 17.
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(serve(settings, lines));
    // A flush that is still under way is not waited for.
    runtime.shutdown_background();
    lines.flush(LAST_LINES);
    served
}

async fn serve(settings: Settings, lines: &Lines) -> Result<(), ServeError> {
    let host = settings.under_host.then(FunctionsHost::of_this_process);
    let address = settings.listen;
    let listen = |source| ServeError::Listen { address, source };
    // Bound before anything is read: the Functions host polls until it gets an answer.
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let mut signals = match &host {
        Some(_) => Signals::under_a_host()?,
        None => Signals::of_a_server()?,
    };

    let (app, refresh) = open(&settings, lines.clone())?;
    info!(address = %format_args!("http://{address}"), policy = app.policy.source(), "listening");
    log_destinations(&settings);
    refresh.spawn(settings.refresh)?;

    let telemetry = app.telemetry.clone();
    let (stopping, stopped) = oneshot::channel();
    let (flushing, flushed_lines) = (telemetry.clone(), lines.clone());
    let may_stop = host.is_none();
    let stop = async move {
        if may_stop {
            signals.next().await;
        } else {
            signals.flush_at_each(flushing, flushed_lines, FLUSH).await;
        }
        info!("stopping");
        // The receiver is gone only when the server is.
        let _unheard = stopping.send(());
    };
    let limits = Limits::of_server(address.ip(), settings.deadline);
    let router = router(app, settings.keys);
    let server = connections::serve(listener, router, limits, stop);
    let patience = async {
        let _server_gone = stopped.await;
        sleep(DRAIN).await;
    };
    let gone = async {
        match &host {
            Some(host) => host.gone().await,
            None => pending().await,
        }
    };
    tokio::select! {
        () = server => {}
        () = patience => warn!("stopped with requests still under way"),
        () = gone => {
            telemetry.flush(FLUSH_WITHOUT_HOST);
            return Err(ServeError::HostGone);
        }
    }
    telemetry.flush(FLUSH);
    Ok(())
}

/// Whether and where telemetry is sent is seen in the log, not only where it is missed.
pub(crate) fn log_destinations(settings: &Settings) {
    let Destinations { traces, metrics } = settings.telemetry.destinations();
    info!(%traces, %metrics, "telemetry");
}

/// The webhook without its entrance, and what keeps its policy up to date; nothing is read yet.
pub(crate) fn open(settings: &Settings, lines: Lines) -> Result<(App, PolicyRefresh), ServeError> {
    let telemetry = Telemetry::start(&settings.telemetry)?;
    let store = settings.store.open()?;
    // Connections belong to the thread that has opened them. The token is one for both: who has
    // read the tables has one, so that the first device that is looked up need not wait for it.
    let devices = DeviceLookup::new(store.apart()?);
    let policy = Arc::new(PolicyInUse::new(store.to_string(), settings.refresh));
    watch(&telemetry, &policy);
    let refresh = PolicyRefresh::new(store, Arc::clone(&policy))
        .creating_tables(settings.store.creates_tables())
        .with_telemetry(telemetry.clone())
        .with_last_good(LastGoodFiles::of(
            settings.cache_dir.clone(),
            LastGoodFiles::deployed(),
        ));
    let app = App {
        policy,
        looks: None,
        devices,
        telemetry,
        room: Room::default(),
        deadline: settings.deadline,
        ids: settings.ids.clone(),
        front: if settings.under_host {
            Front::FunctionsHost
        } else {
            Front::Nobody
        },
        log: DecisionLog::new(lines.clone(), &settings.log),
        lines: Strangers::are_logged(&settings.log).then_some(lines),
    };
    Ok((app, refresh))
}

/// Metrics of the policy come from the same place as `/api/health`.
fn watch(telemetry: &Telemetry, policy: &Arc<PolicyInUse>) {
    let policy = Arc::clone(policy);
    telemetry.watch_policy(move || {
        let revision = policy.now().as_ref()?.policy.revision().to_string();
        let confirmed = policy.status().confirmed?;
        let age = Timestamp::now().duration_since(confirmed);
        Some(PolicyState {
            revision,
            age: age.unsigned_abs(),
        })
    });
}
