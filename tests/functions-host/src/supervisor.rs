//! Supervision of the handler: when it is started again, and when the host gives up.
//!
//! Section 2 of the reference; `HttpFunctionInvocationDispatcher.cs`, `WorkerProcess.cs`. The port
//! is picked once per host, so a restarted handler listens where its forerunner did. There is no
//! pause before a restart.

use std::io;
use std::pin::pin;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::process::Pid;
use tokio::sync::{mpsc, oneshot};

use crate::dispatcher::{CATEGORY, Shared, State};
use crate::upstream::Upstream;
use crate::worker::{Launch, Worker, exit_code};

/// The third error stops the host (`ErrorEventsThreshold`).
pub(crate) const MOST_ERRORS: u32 = 3;

/// All errors are forgotten if the last one is older than this when the next one comes
/// (`WorkerRestartErrorIntervalThresholdInMinutes`).
const ERROR_MEMORY: Duration = Duration::from_mins(30);

/// Exit code by which a handler asks for a restart that is not an error.
const RESTART_CODE: i32 = 200;

const INITIALIZED: &str = "Worker process started and initialized.";

/// What others ask of the supervisor.
#[derive(Debug)]
pub(crate) enum Command {
    Restart,
    GiveUp,
    Shutdown(oneshot::Sender<Option<ExitStatus>>),
}

/// The task that owns the handler's process.
pub(crate) struct Supervisor {
    launch: Launch,
    upstream: Upstream,
    shared: Arc<Shared>,
    commands: mpsc::Receiver<Command>,
    errors: u32,
    last_error: Option<Instant>,
}

/// Why one handler is done with.
enum End {
    Restart,
    Error,
    Stop,
}

impl Supervisor {
    pub(crate) fn new(
        launch: Launch,
        upstream: Upstream,
        shared: Arc<Shared>,
        commands: mpsc::Receiver<Command>,
    ) -> Self {
        Self {
            launch,
            upstream,
            shared,
            commands,
            errors: 0,
            last_error: None,
        }
    }

    pub(crate) async fn run(mut self) {
        loop {
            let end = match self.launch.start(&self.shared.log) {
                Ok(worker) => self.watch(worker).await,
                Err(error) => self.without_worker(&error).await,
            };
            self.set_pid(None);
            if matches!(end, End::Stop) || matches!(end, End::Error) && self.is_one_too_many() {
                break;
            }
            self.shared
                .state
                .send_replace(State::WorkerProcessRestarting);
            self.shared.restarts.fetch_add(1, Ordering::Relaxed);
        }
        self.shared.state.send_replace(State::Stopped);
    }

    /// A handler that cannot be started publishes no error: the host waits, and calls with it.
    async fn without_worker(&mut self, error: &io::Error) -> End {
        let name = self.launch.executable.display();
        let text = format!("Failed to start Worker Channel. Process fileName: {name} ({error})");
        self.shared.log.error("Worker.HttpWorkerProcess", text);
        match self.commands.recv().await {
            Some(Command::Restart) => End::Restart,
            Some(Command::GiveUp | Command::Shutdown(..)) | None => End::Stop,
        }
    }

    async fn watch(&mut self, mut worker: Worker) -> End {
        self.set_pid(worker.pid());
        let (upstream, limit) = (self.upstream.clone(), self.launch.initialization);
        let mut probe = pin!(upstream.probe(limit));
        let (mut probing, mut running) = (true, true);
        loop {
            tokio::select! {
                ready = &mut probe, if probing => {
                    probing = false;
                    if let Err(error) = ready {
                        let text = format!("Failed to start http worker process. {error}");
                        self.shared.log.error("Worker.HttpWorkerChannel", text);
                        worker.kill().await;
                        return End::Error;
                    }
                    self.shared.log.information(CATEGORY, INITIALIZED);
                    self.shared.state.send_replace(State::Initialized);
                }
                ended = worker.ended(), if running => {
                    running = false;
                    self.set_pid(None);
                    if let Some(end) = self.judge(&mut worker, ended.ok()).await {
                        return end;
                    }
                }
                command = self.commands.recv() => return Self::obey(command, &mut worker).await,
            }
        }
    }

    /// Exit code 0 counts as success: nothing happens, and every later call fails.
    async fn judge(&self, worker: &mut Worker, status: Option<ExitStatus>) -> Option<End> {
        let category = format!("Worker.HttpWorkerProcess.{}", worker.id);
        let text = "Language Worker Process exited";
        match status.map_or(-1, exit_code) {
            0 => None,
            RESTART_CODE => {
                let text = format!("{text} and needs to be restarted.");
                self.shared.log.information(&category, text);
                Some(End::Restart)
            }
            code => {
                let (name, last) = (self.launch.executable.display(), worker.last_errors().await);
                let text = format!("{text}. {name} exited with code {code} (0x{code:X}). {last}");
                self.shared.log.error(&category, text.trim_end());
                Some(End::Error)
            }
        }
    }

    async fn obey(command: Option<Command>, worker: &mut Worker) -> End {
        let status = worker.kill().await;
        match command {
            Some(Command::Restart) => return End::Restart,
            // The caller may have gone; the handler is stopped all the same.
            Some(Command::Shutdown(reply)) => drop(reply.send(status)),
            Some(Command::GiveUp) | None => {}
        }
        End::Stop
    }

    fn is_one_too_many(&mut self) -> bool {
        let forgotten = |last: Instant| last.elapsed() > ERROR_MEMORY;
        if self.last_error.is_some_and(forgotten) {
            self.errors = 0;
        }
        self.last_error = Some(Instant::now());
        self.errors += 1;
        let too_many = self.errors >= MOST_ERRORS;
        if too_many {
            let text = "Exceeded http worker restart retry count. Shutting down Functions Host";
            self.shared.log.error(CATEGORY, text);
        }
        too_many
    }

    fn set_pid(&self, pid: Option<Pid>) {
        self.shared.pid.store(Pid::as_raw(pid), Ordering::Relaxed);
    }
}
