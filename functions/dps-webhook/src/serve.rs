//! From settings to a server that answers, until a signal ends it.

use std::future::IntoFuture as _;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dps_policy_store::azure::ClientError;
use dps_telemetry::{PolicyState, Telemetry};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::decision_log::DecisionLog;
use crate::devices::DeviceLookup;
use crate::last_good::LastGoodFiles;
use crate::lines::Lines;
use crate::policy::PolicyInUse;
use crate::refresh::PolicyRefresh;
use crate::routes::{App, router};
use crate::settings::Settings;

/// Longest time that requests under way are given after a signal.
///
/// Well within the 10 seconds after which platforms kill, and longer than the default deadline of a request.
const DRAIN: Duration = Duration::from_secs(5);

/// Longest time that telemetry is given at the end: with [`DRAIN`] still within those 10 seconds.
const FLUSH: Duration = Duration::from_secs(3);

/// How long the end waits for a reader of stdout that does not read.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, or may not be used.
    #[error("cannot listen on {address}: {source}; another program may be using the port")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
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

/// Serves until SIGTERM or SIGINT; decisions are logged among `lines`.
///
/// # Errors
/// [`ServeError`] when the server cannot start.
pub fn run(settings: Settings, lines: &Lines) -> Result<(), ServeError> {
    // One thread answers tens of thousands of requests a second; DPS sends at most 17.
    let served = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(serve(settings, lines));
    lines.flush(LAST_LINES);
    served
}

async fn serve(settings: Settings, lines: &Lines) -> Result<(), ServeError> {
    let address = settings.listen;
    let listen = |source| ServeError::Listen { address, source };
    // Bound before anything is read: the Functions host polls until it gets an answer.
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let terminate = signal(SignalKind::terminate())?;
    let interrupt = signal(SignalKind::interrupt())?;

    let (app, refresh) = open(&settings, lines.clone())?;
    info!(address = %format_args!("http://{address}"), policy = app.policy.source(), "listening");
    refresh.spawn(settings.refresh)?;

    let telemetry = app.telemetry.clone();
    let (stopping, stopped) = oneshot::channel();
    let stop = async {
        stop_signal(terminate, interrupt).await;
        info!("stopping");
        // The receiver is gone only when the server is.
        let _unheard = stopping.send(());
    };
    let server = axum::serve(listener, router(app, settings.keys)).with_graceful_shutdown(stop);
    let patience = async {
        let _server_gone = stopped.await;
        sleep(DRAIN).await;
    };
    tokio::select! {
        ended = server.into_future() => ended?,
        () = patience => warn!("stopped with requests still under way"),
    }
    telemetry.flush(FLUSH);
    Ok(())
}

/// The webhook without its entrance, and what keeps its policy up to date; nothing is read yet.
pub(crate) fn open(settings: &Settings, lines: Lines) -> Result<(App, PolicyRefresh), ServeError> {
    let telemetry = Telemetry::start(&settings.telemetry)?;
    let store = settings.store.open()?;
    let policy = Arc::new(PolicyInUse::new(store.to_string(), settings.refresh));
    watch(&telemetry, &policy);
    let refresh = PolicyRefresh::new(store, Arc::clone(&policy))
        .creating_tables(settings.store.creates_tables())
        .with_telemetry(telemetry.clone())
        .with_last_good(LastGoodFiles::of(settings.cache_dir.clone()));
    let app = App {
        policy,
        looks: None,
        // Of its own: connections belong to the thread that has opened them.
        devices: DeviceLookup::new(settings.store.open()?),
        telemetry,
        deadline: settings.deadline,
        log: DecisionLog::new(lines, &settings.log),
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

async fn stop_signal(mut terminate: Signal, mut interrupt: Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
