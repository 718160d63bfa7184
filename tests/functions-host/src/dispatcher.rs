//! The supervised handler as the rest of the host sees it: is it ready, start it again, end it.
//!
//! Section 2 of the reference; `HttpFunctionInvocationDispatcher.cs`, `WorkerFunctionInvoker.cs`.

use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::log::Log;
use crate::supervisor::{Command, MOST_ERRORS, Supervisor};
use crate::upstream::Upstream;
use crate::worker::{Launch, Stop};

/// Category of what is said about the handler as a whole.
pub(crate) const CATEGORY: &str =
    "Microsoft.Azure.WebJobs.Script.Workers.Http.HttpFunctionInvocationDispatcher";

/// Where the host is with its handler (`FunctionInvocationDispatcherState`).
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum State {
    /// There are no functions, so there is no handler.
    Default,
    /// The handler was started and has not answered yet.
    Initializing,
    /// The handler has answered; it stays so after exit code 0, though every call fails.
    Initialized,
    /// The handler ended, or was ended, and is started again.
    WorkerProcessRestarting,
    /// The host has given up, or was stopped.
    Stopped,
}

/// Clones share the handler; dropping them does not end it.
#[derive(Debug, Clone)]
pub(crate) struct Dispatcher {
    shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
    task: Option<AbortHandle>,
    /// How long a call waits for the handler.
    patience: Duration,
}

/// What the supervisor lets the others see.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) log: Log,
    pub(crate) state: watch::Sender<State>,
    /// 0 while there is no process.
    pub(crate) pid: AtomicI32,
    pub(crate) restarts: AtomicU32,
}

impl Dispatcher {
    /// Starts the handler at once, not with the first call; without functions never.
    pub(crate) fn start(launch: Option<Launch>, upstream: Upstream, log: Log) -> Self {
        let first = if launch.is_some() {
            State::Initializing
        } else {
            State::Default
        };
        let state = watch::channel(first).0;
        let (pid, restarts) = (AtomicI32::new(0), AtomicU32::new(0));
        let shared = Arc::new(Shared {
            log,
            state,
            pid,
            restarts,
        });
        let (sender, commands) = mpsc::channel(1);
        let initialization = launch
            .as_ref()
            .map(|launch| launch.initialization.as_secs());
        let patience = Duration::from_secs(initialization.unwrap_or_default()) * (MOST_ERRORS + 1);
        let task = launch.map(|launch| {
            let supervisor = Supervisor::new(launch, upstream, Arc::clone(&shared), commands);
            tokio::spawn(supervisor.run()).abort_handle()
        });
        Self {
            shared,
            commands: sender,
            task,
            patience,
        }
    }

    pub(crate) fn state(&self) -> State {
        *self.shared.state.borrow()
    }

    pub(crate) fn states(&self) -> watch::Receiver<State> {
        self.shared.state.subscribe()
    }

    /// Ends when the host has given up or was stopped.
    pub(crate) async fn stopped(&self) {
        // The sender lives in `self`, so this cannot fail.
        let _ = self
            .states()
            .wait_for(|state| *state == State::Stopped)
            .await;
    }

    pub(crate) fn pid(&self) -> Option<Pid> {
        Pid::from_raw(self.shared.pid.load(Ordering::Relaxed))
    }

    pub(crate) fn restarts(&self) -> u32 {
        self.shared.restarts.load(Ordering::Relaxed)
    }

    /// Holds a call until the handler is ready; false: the host has stopped.
    ///
    /// After four times the initialization timeout the host stops, and the call goes on to fail.
    pub(crate) async fn ready(&self) -> bool {
        let mut states = self.states();
        let settled =
            |state: &State| matches!(state, State::Default | State::Initialized | State::Stopped);
        let running = async {
            states
                .wait_for(settled)
                .await
                .is_ok_and(|state| *state != State::Stopped)
        };
        if let Ok(running) = timeout(self.patience, running).await {
            return running;
        }
        let last = self.state();
        let text = "Initialization timed out and host is shutting down";
        self.shared.log.error(
            CATEGORY,
            format!("Final functionDispatcher state: {last:?}. {text}"),
        );
        self.command(Command::GiveUp).await;
        true
    }

    /// Kills the handler and starts it again; no error is counted.
    pub(crate) async fn restart(&self) {
        self.command(Command::Restart).await;
    }

    /// Sends the handler what others than the host would send it.
    pub(crate) fn signal(&self, how: Stop) {
        if let (Some(pid), Some(signal)) = (self.pid(), how.signal()) {
            // It fails only for a process that has ended.
            let _ = kill_process(pid, signal);
        }
    }

    /// Kills the handler and ends the supervision; `None`: there was no handler.
    pub(crate) async fn shutdown(&self) -> Option<ExitStatus> {
        let (sender, reply) = oneshot::channel();
        self.command(Command::Shutdown(sender)).await;
        let status = reply.await.ok().flatten();
        self.shared.state.send_replace(State::Stopped);
        status
    }

    /// Kills the handler now, without waiting for anything.
    pub(crate) fn abandon(&self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        if let Some(pid) = self.pid() {
            // It fails only for a process that has ended, which is the aim.
            let _ = kill_process(pid, Signal::KILL);
        }
    }

    async fn command(&self, command: Command) {
        // Nobody listens any more once the host has stopped; then there is nothing to do.
        let _ = self.commands.send(command).await;
    }
}
