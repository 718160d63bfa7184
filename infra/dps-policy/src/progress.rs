//! How far a long run is, on the stderr of a terminal; and what Ctrl-C does to it.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use dps_fleet::fleet::Watch;
use tokio::signal::unix::{SignalKind, signal};

/// Between two lines.
const EVERY: Duration = Duration::from_millis(250);

/// The exit code of a program that Ctrl-C ends.
const INTERRUPTED: i32 = 130;

/// A line that is shown until the run ends.
pub(crate) struct Shown(Option<(Sender<()>, JoinHandle<()>)>);

impl Shown {
    /// Removes the line.
    pub(crate) fn end(self) {
        if let Some((end, thread)) = self.0 {
            drop(end);
            // It has nothing to report.
            let _ended = thread.join();
        }
    }
}

/// Shows how many devices or decisions are done, how fast, and how long the rest takes.
pub(crate) fn show(
    watch: &Arc<Watch>,
    size: Option<u64>,
    devices: Option<u64>,
    on_terminal: bool,
) -> Shown {
    if !on_terminal {
        return Shown(None);
    }
    let (end, ended) = mpsc::channel();
    let watch = Arc::clone(watch);
    let begun = Instant::now();
    let thread = thread::spawn(move || {
        let mut stderr = io::stderr();
        while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(EVERY) {
            let done = match (size, devices) {
                (Some(size), _) => Some((watch.bytes(), size)),
                (None, Some(devices)) => Some((watch.devices(), devices)),
                (None, None) => None,
            };
            let line = line(watch.devices(), done, begun.elapsed());
            // Nobody needs the line.
            let _shown = write!(stderr, "\r\x1b[K{line}").and_then(|()| stderr.flush());
        }
        let _removed = write!(stderr, "\r\x1b[K").and_then(|()| stderr.flush());
    });
    Shown(Some((end, thread)))
}

fn line(devices: u64, done: Option<(u64, u64)>, elapsed: Duration) -> String {
    let rate = u128::from(devices) * 1000 / elapsed.as_millis().max(1);
    let mut line = format!("{devices} done, {rate} a second");
    if let Some((done @ 1.., all)) = done {
        let percent = (done * 100).checked_div(all).unwrap_or(100).min(100);
        let left = elapsed.as_millis() * u128::from(all.saturating_sub(done)) / u128::from(done);
        let _infallible = write!(line, ", {percent}%, {} s left", left.div_ceil(1000));
    }
    line
}

/// The first Ctrl-C ends the run and shows what it has found; the second ends the program.
///
/// # Errors
/// When the signal cannot be received.
pub(crate) fn stop_on_interrupt(watch: &Arc<Watch>) -> io::Result<()> {
    let watch = Arc::clone(watch);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // From here on, and not from when the thread gets to it.
    let mut interrupts = {
        let _entered = runtime.enter();
        signal(SignalKind::interrupt())?
    };
    thread::spawn(move || {
        runtime.block_on(async {
            while interrupts.recv().await.is_some() {
                if watch.stop() {
                    process::exit(INTERRUPTED);
                }
            }
        });
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_fast_and_how_long() {
        let seconds = Duration::from_secs;
        assert_eq!(line(0, None, seconds(0)), "0 done, 0 a second");
        assert_eq!(line(0, Some((0, 9)), seconds(1)), "0 done, 0 a second");
        let half = line(1000, Some((50, 100)), seconds(2));
        assert_eq!(half, "1000 done, 500 a second, 50%, 2 s left");
        let more = line(1000, Some((120, 100)), seconds(2));
        assert_eq!(more, "1000 done, 500 a second, 100%, 0 s left");
    }
}
