//! The handler's process: how it is started, read and ended.
//!
//! Section 2 of the reference; `WorkerProcess.cs`, `HttpWorkerProcess.cs`,
//! `DefaultWorkerProcessFactory.cs`. The host calls the handler "worker".

use std::collections::VecDeque;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;

use crate::environment::Environment;
use crate::log::{self, Level, Log};

/// How many of the last error lines go into the crash message.
const LAST_ERRORS: usize = 3;

/// How long a dead handler's output is read to its end; a grandchild may hold the pipe open.
const OUTPUT_END: Duration = Duration::from_secs(1);

/// What is needed to start the handler, again and again.
#[derive(Debug)]
pub(crate) struct Launch {
    pub(crate) executable: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) working_directory: PathBuf,
    pub(crate) script_root: PathBuf,
    pub(crate) environment: Environment,
    pub(crate) port: u16,
    pub(crate) stderr_is_errors: bool,
    /// From start to readiness.
    pub(crate) initialization: Duration,
}

/// How a host ends, and its handler with it.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Stop {
    /// As a host ends that was told to: it refuses connections, lets calls end, and then kills the
    /// handler, which never gets a signal.
    Host,
    /// The same, and the handler gets SIGINT at once: Ctrl-C in the terminal of `func start`
    /// reaches both.
    CtrlC,
    /// The same, and the handler gets SIGTERM at once: a platform that signals all processes of an
    /// instance that it takes away.
    ScaleIn,
    /// SIGKILL at once, whatever is under way.
    Kill,
}

impl Stop {
    /// What the handler gets from somebody else than the host.
    pub(crate) fn signal(self) -> Option<Signal> {
        match self {
            Self::Host | Self::Kill => None,
            Self::CtrlC => Some(Signal::INT),
            Self::ScaleIn => Some(Signal::TERM),
        }
    }
}

/// Running (or just ended) handler.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) id: Uuid,
    child: Child,
    streams: JoinSet<()>,
    last_errors: Arc<Mutex<VecDeque<String>>>,
}

impl Launch {
    /// Starts the handler; it inherits the environment and gets the five variables of the host.
    pub(crate) fn start(&self, log: &Log) -> io::Result<Worker> {
        let id = Uuid::new_v4();
        let port = self.port.to_string();
        let root = self.script_root.display().to_string();
        let environment = self.environment.with([
            ("FUNCTIONS_CUSTOMHANDLER_PORT", port.clone()),
            ("FUNCTIONS_HTTPWORKER_PORT", port),
            ("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", id.to_string()),
            ("FUNCTIONS_HTTPWORKER_ID", id.to_string()),
            ("FUNCTIONS_APP_ROOT_PATH", root),
        ]);
        // The host joins the arguments without quotes, so one with a space becomes two.
        let arguments = environment.expand(&self.arguments.join(" "), true);
        let mut child = Command::new(&self.executable)
            .args(arguments.split_whitespace())
            .env_clear()
            .envs(environment.iter())
            .current_dir(&self.working_directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let last_errors = Arc::new(Mutex::new(VecDeque::new()));
        let mut streams = JoinSet::new();
        if let Some(stdout) = child.stdout.take() {
            let log = log.clone();
            streams.spawn(lines(stdout, move |line| {
                log.add(Level::Information, log::CONSOLE, line);
            }));
        }
        if let Some(stderr) = child.stderr.take() {
            let (log, last) = (log.clone(), Arc::clone(&last_errors));
            let strict = self.stderr_is_errors;
            streams.spawn(lines(stderr, move |line| {
                let level = level_of_stderr(&line, strict);
                if level == Level::Error {
                    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                    last.push_back(line.clone());
                    if last.len() > LAST_ERRORS {
                        last.pop_front();
                    }
                }
                log.add(level, log::CONSOLE, line);
            }));
        }
        Ok(Worker {
            id,
            child,
            streams,
            last_errors,
        })
    }
}

impl Worker {
    /// None once the end was seen.
    pub(crate) fn pid(&self) -> Option<Pid> {
        self.child
            .id()
            .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
    }

    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// The last error lines, joined by commas, once all output was read.
    pub(crate) async fn last_errors(&mut self) -> String {
        let all = async { while self.streams.join_next().await.is_some() {} };
        // After the limit what was read so far is all there is to say.
        let _ = timeout(OUTPUT_END, all).await;
        let last = &*self
            .last_errors
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let last: Vec<_> = last.iter().map(String::as_str).collect();
        last.join(",")
    }

    /// Ends the handler with SIGKILL, which it may have forestalled.
    pub(crate) async fn kill(&mut self) -> Option<ExitStatus> {
        // It fails only for a process that has ended, which is the aim.
        let _ = self.child.start_kill();
        let ended = self.child.wait().await.ok();
        self.last_errors().await;
        ended
    }
}

/// Exit code as .NET gives it: 128 + n for signal n.
pub(crate) fn exit_code(status: ExitStatus) -> i32 {
    status
        .code()
        .or_else(|| Some(128 + status.signal()?))
        .unwrap_or(-1)
}

/// Without `useStdErrorStreamForErrorsOnly` a line must say that it is an error.
fn level_of_stderr(line: &str, strict: bool) -> Level {
    let line = line.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| line.contains(word));
    if says(&["warn"]) {
        Level::Warning
    } else if strict || says(&["error", "fail", "severe", "unhandled exception"]) {
        Level::Error
    } else {
        Level::Information
    }
}

async fn lines(stream: impl AsyncRead + Unpin, mut take: impl FnMut(String)) {
    let (mut stream, mut line) = (BufReader::new(stream), Vec::new());
    while stream
        .read_until(b'\n', &mut line)
        .await
        .is_ok_and(|length| length > 0)
    {
        let text = String::from_utf8_lossy(&line);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        take(text.strip_suffix('\r').unwrap_or(text).to_owned());
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn level(line: &str, strict: bool, expected: Level) {
        assert_eq!(level_of_stderr(line, strict), expected, "{line}");
    }

    #[test]
    fn levels() {
        level("WARNING: disk", true, Level::Warning);
        level("anything", true, Level::Error);
        level("anything", false, Level::Information);
        level("it failed", false, Level::Error);
    }
}
