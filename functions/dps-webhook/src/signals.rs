//! The signals that ask a program to end.

use std::io;
use std::time::Duration;

use dps_telemetry::Telemetry;
use futures_util::future::select_all;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::spawn_blocking;
use tracing::{info, warn};

use crate::lines::Lines;

/// SIGTERM and SIGINT, and under a Functions host SIGHUP as well.
#[derive(Debug)]
pub(crate) struct Signals(Vec<Signal>);

impl Signals {
    pub(crate) fn of_a_server() -> io::Result<Self> {
        Self::of(&[SignalKind::terminate(), SignalKind::interrupt()])
    }

    /// Whatever a terminal or a platform sends to the host and to the processes that it has started.
    pub(crate) fn under_a_host() -> io::Result<Self> {
        let hangup = SignalKind::hangup();
        Self::of(&[SignalKind::terminate(), SignalKind::interrupt(), hangup])
    }

    fn of(kinds: &[SignalKind]) -> io::Result<Self> {
        let signals = kinds.iter().map(|kind| signal(*kind));
        Ok(Self(signals.collect::<io::Result<_>>()?))
    }

    /// Waits until one of them comes.
    pub(crate) async fn next(&mut self) {
        let came = self.0.iter_mut().map(|signal| Box::pin(signal.recv()));
        select_all(came).await;
    }

    /// Flushes telemetry and lines at each signal: the host that ends the process gives no further
    /// warning. It never returns.
    pub(crate) async fn flush_at_each(
        mut self,
        telemetry: Telemetry,
        lines: Lines,
        patience: Duration,
    ) {
        loop {
            self.next().await;
            info!("signal: telemetry and log are flushed; the Functions host ends this process");
            let (telemetry, lines) = (telemetry.clone(), lines.clone());
            // It blocks, and requests are answered meanwhile.
            let flushed = spawn_blocking(move || {
                lines.flush(patience);
                telemetry.flush(patience);
            });
            if let Err(error) = flushed.await {
                warn!(%error, "the flush has failed");
            }
        }
    }
}
