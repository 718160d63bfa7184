//! From settings to a server that answers, until a signal ends it.

use std::future::pending;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tracing::{info, warn};

use crate::connections::{self, Limits};
use crate::functions_host::FunctionsHost;
use crate::lines::Lines;
use crate::open::{Opened, log_destinations, open};
use crate::routes::Endpoints;
use crate::serve_error::ServeError;
use crate::settings::Settings;
use crate::signals::Signals;

/// Longest time that requests under way are given after a signal.
///
/// Well within the 10 seconds after which platforms kill, and longer than the default deadline of a request.
const DRAIN: Duration = Duration::from_secs(5);

/// Longest time that telemetry is given at the end: with [`DRAIN`] still within those 10 seconds.
const FLUSH: Duration = Duration::from_secs(3);

/// The same if the Functions host is gone: two seconds after it, so is this process.
const FLUSH_WITHOUT_HOST: Duration = Duration::from_millis(500);

/// How long the end waits for the last lines to be written.
const LAST_LINES: Duration = Duration::from_millis(500);

/// Serves until SIGTERM or SIGINT, or, if a Functions host has started the process, as long as
/// that is there; decisions are logged to `lines`.
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

    let Opened {
        app,
        refresh,
        shadow,
    } = open(&settings, lines.clone())?;
    info!(address = %format_args!("http://{address}"), policy = app.policy.source(), "listening");
    log_destinations(&settings);
    refresh.spawn(settings.refresh)?;
    if let Some(shadow) = shadow {
        shadow.spawn(settings.refresh)?;
    }

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
    let endpoints = Endpoints::new(app, settings.keys);
    let answer = move |request: Request<Incoming>| endpoints.clone().answer(request.map(Body::new));
    let server = connections::serve(listener, answer, limits, stop);
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
