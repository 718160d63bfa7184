//! Looks at the stored tables again and again, and takes what has been edited.

mod bookkeeping;
mod findings;
mod on_demand;
mod pace;
mod stand_in;
mod told;

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

use dps_allocation::{Finding, Policy, Reading, Severity};
use dps_policy_store::push::Unfinished;
use dps_policy_store::{Next, PolicyStore, Refresh, Revisions, StoreError, azure};
use dps_telemetry::{Look, Operation, Telemetry};
use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio::runtime;
use tokio::time::{sleep, timeout};
use tracing::{debug, error, info, warn};

use crate::last_good::LastGoodFiles;
use crate::policy::{PolicyInUse, PushUnderWay, Snapshot};
use bookkeeping::Bookkeeping;
use findings::{kept, log_findings, read_policy};
pub use on_demand::LooksOnDemand;
use pace::{Looked, Pace, jittered};
use stand_in::StandIn;
use told::{kind, outcome};

/// Keeps the policy in use up to date, off the request path.
#[derive(Debug)]
pub struct PolicyRefresh {
    store: PolicyStore,
    in_use: Arc<PolicyInUse>,
    telemetry: Telemetry,
    creates_tables: bool,
    stand_in: Arc<StandIn>,
    bookkeeping: Bookkeeping,
    refresh: Refresh,
    /// Policies that a request may still be using; dropped here, never by a request.
    retired: Vec<Arc<Snapshot>>,
}

/// How long a start waits for the first look before it goes on with the last good policy.
///
/// Half of the default deadline of a request: the first one is then still decided. The whole look
/// counts: a store may answer small questions and be silent on a page.
const PATIENCE: Duration = Duration::from_secs(1);

impl PolicyRefresh {
    /// Nothing is read before the first look.
    #[must_use]
    pub fn new(store: PolicyStore, in_use: Arc<PolicyInUse>) -> Self {
        Self {
            store,
            in_use,
            telemetry: Telemetry::default(),
            creates_tables: false,
            stand_in: Arc::default(),
            bookkeeping: Bookkeeping::default(),
            refresh: Refresh::default(),
            retired: Vec::new(),
        }
    }

    /// Whether tables that are missing are made.
    #[must_use]
    pub fn creating_tables(self, creates_tables: bool) -> Self {
        Self {
            creates_tables,
            ..self
        }
    }

    /// Tells of each look.
    #[must_use]
    pub fn with_telemetry(self, telemetry: Telemetry) -> Self {
        Self { telemetry, ..self }
    }

    /// Keeps each policy that is taken on disk, and starts with that where there is no better one.
    #[must_use]
    pub fn with_last_good(self, files: LastGoodFiles) -> Self {
        Self {
            bookkeeping: Bookkeeping::new(files.clone()),
            stand_in: Arc::new(StandIn::new(files)),
            ..self
        }
    }

    /// Looks now and every so often from now on, on a thread of its own until the process ends.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn(mut self, every: Duration) -> io::Result<()> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let looks = async move {
            let mut pace = Pace::new(every);
            loop {
                let wait = self.look_at(&mut pace).await;
                sleep(wait).await;
            }
        };
        thread::Builder::new()
            .name("policy-refresh".to_owned())
            .spawn(move || runtime.block_on(looks))?;
        Ok(())
    }

    /// One look: takes an edit when it is finished and right, and notes how things stand; what was
    /// taken is also kept by then.
    pub async fn look(&mut self) {
        self.look_once().await;
        self.bookkeeping.done().await;
    }

    /// One look; answers how long to wait before the next one.
    async fn look_at(&mut self, pace: &mut Pace) -> Duration {
        let looked = self.look_once().await;
        jittered(pace.after(looked, self.in_use.now().is_some()))
    }

    async fn look_once(&mut self) -> Looked {
        self.drop_retired();
        let remote = matches!(self.store, PolicyStore::Azure(_));
        let mut told = self.telemetry.look(remote);
        // What the panic of a look leaves behind, the next one sets right.
        let look = AssertUnwindSafe(self.look_patiently(&mut told)).catch_unwind();
        let looked = match look.await {
            Ok(looked) => looked,
            Err(_panic) => self.note_fault(),
        };
        self.stand_in.take(&self.store, &self.in_use);
        self.in_use.end_first_look();
        let revision = self.in_use.now().as_ref().map(|it| it.policy.revision());
        told.found(outcome(looked));
        told.end(revision.map(|it| it.to_string()));
        looked
    }

    /// A look; where a start waits long for it, requests go on with the last good policy meanwhile.
    async fn look_patiently(&mut self, told: &mut Look) -> Looked {
        let (store, in_use) = (self.store.clone(), Arc::clone(&self.in_use));
        let stand_in = Arc::clone(&self.stand_in);
        let mut look = pin!(self.look_at_tables(told));
        if let Ok(looked) = timeout(PATIENCE, &mut look).await {
            return looked;
        }
        if stand_in.take(&store, &in_use) {
            in_use.end_first_look();
        }
        look.await
    }

    async fn look_at_tables(&mut self, told: &mut Look) -> Looked {
        let call = told.asked(Operation::Fingerprint);
        let seen = self.store.look().await;
        told.answered(call, seen.as_ref().err().map(kind));
        let seen = match seen {
            Ok(seen) => seen,
            Err(error) => {
                self.refresh.observe(None);
                return self.unreadable(&error).await;
            }
        };
        if seen.push_under_way {
            return self.wait_for_push(told).await;
        }
        self.in_use.not_pushing();
        match self.refresh.observe(Some(seen.fingerprint)) {
            Next::Take => self.take(told).await,
            Next::ReadAgainLater => {
                debug!("the config tables have changed, looking again");
                Looked::Editing
            }
            Next::Nothing => {
                self.note_unchanged();
                if self.in_use.now().is_none() {
                    self.take_kept(None).await;
                }
                Looked::Settled
            }
        }
    }

    async fn take(&mut self, told: &mut Look) -> Looked {
        let call = told.asked(Operation::ReadTables);
        let stored = self.store.read().await;
        told.answered(call, stored.as_ref().err().map(kind));
        let stored = match stored {
            Ok(stored) => stored,
            Err(error) => return self.unreadable(&error).await,
        };
        if let Some(push) = &stored.push_under_way {
            // Begun between the two reads.
            return self.pushing(push).await;
        }
        if self.refresh.observe(Some(stored.fingerprint)) != Next::Take {
            // Edited between the two reads.
            return Looked::Editing;
        }
        self.refresh.settle(stored.fingerprint);
        let Reading { policy, findings } = read_policy(&stored);
        if let Some(policy) = policy {
            told.found(dps_telemetry::Looked::Taken);
            let revision = policy.revision();
            self.put_in_use(policy, &findings);
            self.bookkeeping.keep(&self.store, revision, stored.tables);
        } else {
            told.found(dps_telemetry::Looked::Refused);
            self.refuse(&findings);
            self.take_kept(None).await;
        }
        Looked::Settled
    }

    /// Tables that are half of one version and half of another are not even read.
    async fn wait_for_push(&mut self, told: &mut Look) -> Looked {
        let call = told.asked(Operation::ReadTables);
        let push = self.store.push_under_way().await;
        told.answered(call, push.as_ref().err().map(kind));
        match push {
            Ok(Some(push)) => self.pushing(&push).await,
            // It has just finished.
            Ok(None) => Looked::Editing,
            Err(error) => self.unreadable(&error).await,
        }
    }

    /// A push is under way: the policy before it stays in use, or is put in use.
    async fn pushing(&mut self, push: &Unfinished) -> Looked {
        self.refresh.observe(None);
        self.take_kept(Some(push)).await;
        let now = Timestamp::now();
        let state = PushUnderWay::new(push, now);
        let overdue = state.overdue;
        if self.in_use.pushing(state, now) {
            let text = push.to_string();
            if overdue {
                let help = "push or roll back with --resume";
                warn!(push = text, help, "the policy before the push stays in use");
            } else {
                info!(push = text, "the policy before the push stays in use");
            }
        }
        if overdue {
            Looked::PushOverdue
        } else {
            Looked::Pushing
        }
    }

    /// A start while the tables are no policy goes on with what the store has kept: with what a
    /// push replaces, else with the newest revision that this version accepts.
    async fn take_kept(&mut self, push: Option<&Unfinished>) {
        let PolicyStore::Azure(store) = &self.store else {
            return;
        };
        let from_last_good = self.in_use.status().from_last_good.is_some();
        if self.in_use.now().is_some() && !from_last_good {
            return;
        }
        let (policy, tables) = match Revisions::of(store).newest_usable(push).await {
            Ok(Some(kept)) => kept,
            Ok(None) => return warn!("no kept revision can be used"),
            Err(error) => return warn!(%error, "the kept revisions cannot be read"),
        };
        let revision = policy.revision();
        let before = self.in_use.take_previous(policy, Timestamp::now());
        self.in_use.end_first_look();
        self.retired.extend(before);
        warn!(dps.policy_revision = %revision, "the policy in use is a kept revision");
        self.bookkeeping.keep(&self.store, revision, tables);
    }

    async fn unreadable(&mut self, error: &StoreError) -> Looked {
        if let (PolicyStore::Azure(store), true) = (&self.store, self.creates_tables)
            && matches!(error, StoreError::Azure(azure::ReadError::NoTables { .. }))
        {
            match store.create_missing_tables().await {
                Ok(tables) => {
                    info!(tables = tables.join(", "), "tables created");
                    return Looked::Editing;
                }
                Err(error) => error!(%error, "tables that are missing cannot be created"),
            }
        }
        self.note_unreadable(error);
        if let StoreError::Azure(
            azure::ReadError::NoTables { .. } | azure::ReadError::TooLarge { .. },
        ) = error
        {
            // What the tables hold is wrong, not the way to them.
            self.take_kept(None).await;
        }
        Looked::Failed
    }

    fn put_in_use(&mut self, policy: Policy, warnings: &[Finding]) {
        let revision = policy.revision();
        let before = self.in_use.take(policy, kept(warnings), Timestamp::now());
        self.in_use.end_first_look();
        self.retired.extend(before);
        self.drop_retired();
        info!(dps.policy_revision = %revision, warnings = warnings.len(), "policy taken");
        log_findings(warnings);
    }

    fn refuse(&self, findings: &[Finding]) {
        self.in_use.refuse(kept(findings), Timestamp::now());
        let errors = findings
            .iter()
            .filter(|it| it.severity == Severity::Error)
            .count();
        error!(
            errors,
            "the config tables are refused; a policy in use stays in use"
        );
        log_findings(findings);
    }

    /// Drops the policies that no request uses any more; nobody can get hold of them again.
    fn drop_retired(&mut self) {
        self.retired
            .retain(|snapshot| Arc::strong_count(snapshot) > 1);
    }

    fn note_unchanged(&self) {
        if self.in_use.unchanged(Timestamp::now()) {
            info!("the config tables can be read again");
        }
    }

    fn note_unreadable(&self, error: &StoreError) {
        let error = error.to_string();
        if self.in_use.unreadable(error.clone(), Timestamp::now()) {
            error!(error, "the config tables cannot be read");
        }
    }

    /// A look has panicked: the next one may not, and until then it is seen that this one has.
    fn note_fault(&mut self) -> Looked {
        self.refresh.observe(None);
        let fault = "the program has a fault; its stderr says where".to_owned();
        self.in_use.unreadable(fault, Timestamp::now());
        error!("a fault of the program ended a look at the config tables; the next one follows");
        Looked::Failed
    }
}
