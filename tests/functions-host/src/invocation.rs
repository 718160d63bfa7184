//! One call of a function: its id, its time limit and its two log lines.
//!
//! Section 2 of the reference (functionTimeout); `WebScriptHostExceptionHandler.cs`. An answer that
//! comes within the grace after the limit is passed on, and nothing is killed.

use std::fmt::Display;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use uuid::Uuid;

use crate::dispatcher::Dispatcher;
use crate::log::Log;

const EXCEPTIONS: &str = "Microsoft.Azure.WebJobs.Script.WebHost.WebScriptHostExceptionHandler";

/// How long a call may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    /// functionTimeout.
    pub(crate) time: Duration,
    /// From there to the end of the handler.
    pub(crate) grace: Duration,
}

/// A call that is under way; dropped unfinished, the caller has gone.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) id: Uuid,
    function: String,
    started: Instant,
    log: Log,
    running: bool,
    watch: Option<JoinHandle<()>>,
    expired: oneshot::Receiver<()>,
}

impl Invocation {
    /// Begins a call; when `limit` is over, and the grace, the one handler is killed and started
    /// again, whatever other calls it was serving.
    pub(crate) fn start(
        function: &str,
        limit: Option<Limit>,
        dispatcher: &Dispatcher,
        log: &Log,
    ) -> Self {
        let id = Uuid::new_v4();
        let category = format!("Function.{function}");
        let reason = "Reason='This function was programmatically called via the host APIs.'";
        let text = format!("Executing 'Functions.{function}' ({reason}, Id={id})");
        log.information(&category, text);
        let (sender, expired) = oneshot::channel();
        let (dispatcher, shared_log) = (dispatcher.clone(), log.clone());
        let overdue = format!("exceeded by function 'Functions.{function}' (Id: '{id}').");
        let watch = limit.map(|Limit { time, grace }| {
            tokio::spawn(async move {
                sleep(time).await;
                let text = format!("Timeout value of {time:?} {overdue} Initiating cancellation.");
                shared_log.error(&category, text);
                sleep(grace).await;
                // Nobody waits any more when the answer is being streamed already.
                let _ = sender.send(());
                let text = "A function timeout has occurred. Restarting worker process executing";
                shared_log.warning(EXCEPTIONS, format!("{text} invocationId '{id}'."));
                dispatcher.restart().await;
            })
        });
        let (function, log) = (function.to_owned(), log.clone());
        Self {
            id,
            function,
            started: Instant::now(),
            log,
            running: true,
            watch,
            expired,
        }
    }

    /// Ends when limit and grace are over; never without a limit.
    pub(crate) async fn expired(&mut self) {
        if (&mut self.expired).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Any answer of the handler is a success, whatever its status.
    pub(crate) fn succeeded(&mut self) {
        if self.end() {
            let text = self.executed("Succeeded");
            self.log.information(&self.category(), text);
        }
    }

    pub(crate) fn failed(&mut self, error: &impl Display) {
        if self.end() {
            let text = format!("{}: {error}", self.executed("Failed"));
            self.log.error(&self.category(), text);
        }
    }

    fn end(&mut self) -> bool {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
        std::mem::take(&mut self.running)
    }

    fn category(&self) -> String {
        format!("Function.{}", self.function)
    }

    fn executed(&self, how: &str) -> String {
        let (name, id) = (&self.function, self.id);
        let duration = self.started.elapsed().as_millis();
        format!("Executed 'Functions.{name}' ({how}, Id={id}, Duration={duration}ms)")
    }
}

impl Drop for Invocation {
    fn drop(&mut self) {
        if self.end() {
            let text = "The client disconnected while the function was processing the request.";
            self.log.information(&self.category(), text);
        }
    }
}
