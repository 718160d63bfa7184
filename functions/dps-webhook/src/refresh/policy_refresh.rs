//! One poll after the other, on a thread of their own or on demand.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

use dps_policy_store::PolicyStore;
use dps_telemetry::{PollOutcome, PollRecorder, Telemetry};
use futures_util::FutureExt as _;
use tokio::runtime;
use tokio::time::{sleep, timeout};
use tracing::info_span;

use super::fallback::Fallback;
use super::interval::{Interval, jittered};
use super::loader::Loader;
use super::recorder::Recorder;
use crate::last_good::LastGoodFiles;
use crate::policy::PolicyInUse;

/// Keeps the policy in use up to date, off the request path.
#[derive(Debug)]
pub struct PolicyRefresh {
    loader: Loader,
    telemetry: Telemetry,
    fallback: Arc<Fallback>,
}

/// How long a start waits for the first poll before it goes on with the last good policy.
///
/// Half of the default deadline of a request: the first one is then still decided. The whole poll
/// counts: a store may answer small questions and be silent on a page.
const PATIENCE: Duration = Duration::from_secs(1);

impl PolicyRefresh {
    /// Nothing is read before the first poll.
    #[must_use]
    pub fn new(store: PolicyStore, in_use: Arc<PolicyInUse>) -> Self {
        Self {
            loader: Loader::new(store, in_use),
            telemetry: Telemetry::default(),
            fallback: Arc::default(),
        }
    }

    /// Whether tables that are missing are created.
    #[must_use]
    pub fn creating_tables(mut self, creates_tables: bool) -> Self {
        self.loader.creates_tables = creates_tables;
        self
    }

    /// The policy is a candidate, which decides nothing: what is logged about it says so, and tables
    /// that are all missing or all without rows are not a candidate.
    #[must_use]
    pub fn as_candidate(mut self) -> Self {
        self.loader.is_candidate = true;
        self
    }

    /// Reports each poll.
    #[must_use]
    pub fn with_telemetry(self, telemetry: Telemetry) -> Self {
        Self { telemetry, ..self }
    }

    /// Stores each policy that is installed on disk, and starts with that if there is no better
    /// one.
    #[must_use]
    pub fn with_last_good(mut self, files: LastGoodFiles) -> Self {
        self.loader.recorder = Recorder::new(files.clone());
        self.fallback = Arc::new(Fallback::new(files));
        self
    }

    /// Polls now and every so often from now on, on a thread of its own until the process ends.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn(mut self, every: Duration) -> io::Result<()> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let is_candidate = self.loader.is_candidate;
        let polls = async move {
            let mut interval = Interval::new(every);
            loop {
                let wait = self.poll_and_wait(&mut interval).await;
                sleep(wait).await;
            }
        };
        thread::Builder::new()
            .name("policy-refresh".to_owned())
            .spawn(move || {
                let _logged = is_candidate.then(|| info_span!("shadow").entered());
                runtime.block_on(polls)
            })?;
        Ok(())
    }

    /// One poll: installs an edit that is complete and valid, and notes how things stand; what was
    /// installed is also stored by then.
    pub async fn poll(&mut self) {
        self.poll_once().await;
        self.loader.recorder.finish().await;
    }

    /// One poll; returns how long to wait before the next one.
    pub(super) async fn poll_and_wait(&mut self, interval: &mut Interval) -> Duration {
        let poll = self.poll_once().await;
        jittered(interval.after(poll, self.loader.in_use.now().is_some()))
    }

    async fn poll_once(&mut self) -> PollOutcome {
        self.loader.drop_retired();
        let remote = matches!(self.loader.store, PolicyStore::Azure(_));
        let mut span = self.telemetry.poll(remote);
        // What the panic of a poll leaves behind, the next one sets right.
        let poll = AssertUnwindSafe(self.poll_patiently(&mut span)).catch_unwind();
        let poll = match poll.await {
            Ok(poll) => poll,
            Err(_panic) => self.loader.note_fault(),
        };
        let in_use = &self.loader.in_use;
        self.fallback.install(&self.loader.store, in_use);
        in_use.end_first_poll();
        let revision = in_use.now().as_ref().map(|it| it.policy.revision());
        span.end(poll, revision.map(|it| it.to_string()));
        poll
    }

    /// Polls. If the first poll takes long, requests use the last good policy in the meantime.
    async fn poll_patiently(&mut self, span: &mut PollRecorder) -> PollOutcome {
        let (store, in_use) = (self.loader.store.clone(), Arc::clone(&self.loader.in_use));
        let mut poll = pin!(self.loader.poll(span));
        if let Ok(poll) = timeout(PATIENCE, &mut poll).await {
            return poll;
        }
        if self.fallback.install(&store, &in_use) {
            in_use.end_first_poll();
        }
        poll.await
    }
}
