//! Looks at the stored tables again and again, and takes what has been edited.

mod findings;
mod on_demand;
mod pace;
mod stand_in;
mod told;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

use dps_allocation::tables::Tables;
use dps_allocation::{Finding, Policy, Reading, Revision, Severity};
use dps_policy_store::{Fingerprint, Next, PolicyStore, Refresh, Revisions, StoreError, azure};
use dps_telemetry::{Look, Operation, Telemetry};
use jiff::Timestamp;
use tokio::runtime;
use tokio::time::{sleep, timeout};
use tracing::{debug, error, info, warn};

use crate::last_good::LastGoodFiles;
use crate::policy::{PolicyInUse, Snapshot};
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
    stand_in: StandIn,
    refresh: Refresh,
    /// Policies that a request may still be using; dropped here, never by a request.
    retired: Vec<Arc<Snapshot>>,
}

/// How long a start waits for the tables before it goes on with the last good policy.
///
/// Half of the default deadline of a request: the first one is then still decided. Tables that do
/// not answer at all take eight times as long to give up.
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
            stand_in: StandIn::default(),
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
        let stand_in = StandIn::new(files);
        Self { stand_in, ..self }
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

    /// One look: takes an edit when it is finished and right, and notes how things stand.
    pub async fn look(&mut self) {
        self.look_once().await;
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
        let call = told.asked(Operation::Fingerprint);
        let seen = self.fingerprint().await;
        told.answered(call, seen.as_ref().err().map(kind));
        let looked = match seen {
            Ok(seen) => match self.refresh.observe(Some(seen)) {
                Next::Take => self.take(&mut told).await,
                Next::ReadAgainLater => {
                    debug!("the config tables have changed, looking again");
                    Looked::Editing
                }
                Next::Nothing => {
                    self.note_unchanged();
                    Looked::Settled
                }
            },
            Err(error) => {
                self.refresh.observe(None);
                self.unreadable(&error).await
            }
        };
        self.stand_in.take(&self.store, &self.in_use);
        self.in_use.end_first_look();
        let revision = self.in_use.now().as_ref().map(|it| it.policy.revision());
        told.found(outcome(looked));
        told.end(revision.map(|it| it.to_string()));
        looked
    }

    /// The state of the tables; where a start waits long for it, requests go on meanwhile.
    async fn fingerprint(&mut self) -> Result<Fingerprint, StoreError> {
        let mut asked = pin!(self.store.fingerprint());
        if let Ok(seen) = timeout(PATIENCE, &mut asked).await {
            return seen;
        }
        if self.stand_in.take(&self.store, &self.in_use) {
            self.in_use.end_first_look();
        }
        asked.await
    }

    async fn take(&mut self, told: &mut Look) -> Looked {
        let call = told.asked(Operation::ReadTables);
        let stored = self.store.read().await;
        told.answered(call, stored.as_ref().err().map(kind));
        let stored = match stored {
            Ok(stored) => stored,
            Err(error) => return self.unreadable(&error).await,
        };
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
            self.keep(revision, &stored.tables).await;
        } else {
            told.found(dps_telemetry::Looked::Refused);
            self.refuse(&findings);
        }
        Looked::Settled
    }

    /// Keeps what was taken, on disk and among the revisions; nobody waits for that.
    async fn keep(&self, revision: Revision, tables: &Tables) {
        self.stand_in.keep(&self.store.to_string(), tables);
        let PolicyStore::Azure(store) = &self.store else {
            return;
        };
        match Revisions::of(store).keep(revision, tables).await {
            Ok(true) => info!(dps.policy_revision = %revision, "revision kept"),
            Ok(false) => {}
            Err(error) => {
                warn!(dps.policy_revision = %revision, %error, "the revision is not kept");
            }
        }
    }

    async fn unreadable(&self, error: &StoreError) -> Looked {
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
        Looked::Failed
    }

    fn put_in_use(&mut self, policy: Policy, warnings: &[Finding]) {
        let revision = policy.revision();
        let before = self.in_use.take(policy, kept(warnings), Timestamp::now());
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
}
