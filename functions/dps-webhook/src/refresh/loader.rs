//! What one poll does: it reads what has changed, and installs or refuses it.

use std::sync::Arc;

use dps_allocation::tables::Tables;
use dps_allocation::{Finding, Policy, Reading, Severity};
use dps_policy_store::push::Unfinished;
use dps_policy_store::{Fingerprint, Next, PolicyStore, Refresh, Revisions, StoreError, azure};
use dps_telemetry::{Operation, PollOutcome, PollRecorder};
use jiff::Timestamp;
use tracing::{debug, error, info, warn};

use super::emptied::emptied;
use super::findings::{log_findings, read_policy, shown};
use super::recorder::Recorder;
use crate::policy::{PolicyInUse, PushUnderWay, Snapshot};
use crate::store_error::kind;

/// Loads policies from the store into use.
#[derive(Debug)]
pub(super) struct Loader {
    pub(super) store: PolicyStore,
    pub(super) in_use: Arc<PolicyInUse>,
    pub(super) creates_tables: bool,
    pub(super) recorder: Recorder,
    /// Whether its policies change no answer: one may be withdrawn, and no stored revision stands
    /// in for it.
    pub(super) is_candidate: bool,
    refresh: Refresh,
    /// Policies that a request may still be using; dropped here, never by a request.
    retired: Vec<Arc<Snapshot>>,
}

impl Loader {
    pub(super) fn new(store: PolicyStore, in_use: Arc<PolicyInUse>) -> Self {
        Self {
            store,
            in_use,
            creates_tables: false,
            recorder: Recorder::default(),
            is_candidate: false,
            refresh: Refresh::default(),
            retired: Vec::new(),
        }
    }

    pub(super) async fn poll(&mut self, span: &mut PollRecorder) -> PollOutcome {
        let seen = self.store.poll();
        let seen = match span.call(Operation::Fingerprint, seen, kind).await {
            Ok(seen) => seen,
            Err(error) => {
                self.refresh.observe(None);
                return self.unreadable(&error).await;
            }
        };
        if seen.push_under_way {
            return self.wait_for_push(span).await;
        }
        self.in_use.note_no_push();
        match self.refresh.observe(Some(seen.fingerprint)) {
            Next::Install => self.load(span, seen.fingerprint).await,
            Next::ReadAgainLater => {
                debug!("the config tables have changed; polling again");
                PollOutcome::Editing
            }
            Next::Nothing => {
                if self.in_use.note_unchanged(Timestamp::now()) {
                    info!("the config tables can be read again");
                }
                if self.in_use.now().is_none() {
                    self.install_stored(None).await;
                }
                PollOutcome::Unchanged
            }
        }
    }

    async fn load(&mut self, span: &mut PollRecorder, seen: Fingerprint) -> PollOutcome {
        let stored = self.store.read();
        let stored = match span.call(Operation::ReadTables, stored, kind).await {
            Ok(stored) => stored,
            Err(StoreError::Azure(azure::ReadError::TooLarge { cause, .. })) => {
                // Do not read them again until they change.
                self.refresh.settle(seen);
                return self.refuse_tables(&[cause.finding()]).await;
            }
            Err(error) => return self.unreadable(&error).await,
        };
        if let Some(push) = &stored.push_under_way {
            // Begun between the two reads.
            return self.pushing(push).await;
        }
        if self.refresh.observe(Some(stored.fingerprint)) != Next::Install {
            // Edited between the two reads.
            return PollOutcome::Editing;
        }
        self.refresh.settle(stored.fingerprint);
        if self.is_candidate && stored.is_empty() {
            self.withdraw();
            return PollOutcome::Unchanged;
        }
        let Reading { policy, findings } = read_policy(&stored);
        if let Some(policy) = policy {
            let revision = policy.revision();
            // First: of many warnings the last ones are neither logged nor shown.
            let mut warnings = self.emptied(&stored.tables);
            warnings.extend(findings);
            self.install(policy, &warnings);
            self.recorder.record(&self.store, revision, stored.tables);
            return PollOutcome::Installed;
        }
        self.refuse_tables(&findings).await
    }

    /// What the tables have lost since the policy in use; a candidate changes no answer. The policy
    /// is not held any longer: [`Self::drop_retired`] counts who uses it.
    fn emptied(&self, tables: &Tables) -> Vec<Finding> {
        match &*self.in_use.now() {
            Some(before) if !self.is_candidate => emptied(&before.policy, tables),
            _ => Vec::new(),
        }
    }

    /// The policy in use stays; if there is none yet, a stored revision is installed.
    async fn refuse_tables(&mut self, findings: &[Finding]) -> PollOutcome {
        self.refuse(findings);
        self.install_stored(None).await;
        PollOutcome::Refused
    }

    /// Does not even read the tables: they are half of one version and half of another.
    async fn wait_for_push(&mut self, span: &mut PollRecorder) -> PollOutcome {
        let push = self.store.push_under_way();
        match span.call(Operation::ReadTables, push, kind).await {
            Ok(Some(push)) => self.pushing(&push).await,
            // It has just finished.
            Ok(None) => PollOutcome::Editing,
            Err(error) => self.unreadable(&error).await,
        }
    }

    /// A push is under way: the policy before it stays in use, or is installed.
    async fn pushing(&mut self, push: &Unfinished) -> PollOutcome {
        self.refresh.observe(None);
        self.install_stored(Some(push)).await;
        let now = Timestamp::now();
        let state = PushUnderWay::new(push, now);
        let overdue = state.overdue;
        if self.in_use.note_push(state, now) {
            let text = push.to_string();
            if overdue {
                let help = "push or roll back with --resume";
                warn!(push = text, help, "the policy before the push stays in use");
            } else {
                info!(push = text, "the policy before the push stays in use");
            }
        }
        if overdue {
            PollOutcome::PushOverdue
        } else {
            PollOutcome::Pushing
        }
    }

    /// Installs a stored revision unless the store has given a policy since the start: the one that
    /// a push is replacing, else the newest that this version accepts.
    async fn install_stored(&mut self, push: Option<&Unfinished>) {
        let PolicyStore::Azure(store) = &self.store else {
            return;
        };
        if self.is_candidate {
            return;
        }
        let from_last_good = self.in_use.status().from_last_good.is_some();
        if self.in_use.now().is_some() && !from_last_good {
            return;
        }
        let (policy, tables) = match Revisions::of(store).newest_usable(push).await {
            Ok(Some(stored)) => stored,
            Ok(None) => return warn!("no stored revision can be used"),
            Err(error) => return warn!(%error, "the stored revisions cannot be read"),
        };
        let revision = policy.revision();
        let before = self.in_use.install_stored(policy, Timestamp::now());
        self.in_use.end_first_poll();
        self.retired.extend(before);
        warn!(dps.policy_revision = %revision, "the policy in use is a stored revision");
        self.recorder.record(&self.store, revision, tables);
    }

    async fn unreadable(&mut self, error: &StoreError) -> PollOutcome {
        if let (PolicyStore::Azure(store), true) = (&self.store, self.creates_tables)
            && error.is_no_table()
        {
            match store.create_missing_tables().await {
                Ok(tables) => {
                    info!(tables = tables.join(", "), "tables created");
                    return PollOutcome::Editing;
                }
                Err(error) => error!(%error, "tables that are missing cannot be created"),
            }
        }
        if self.is_candidate && error.is_nothing_there() {
            // What comes back may be what was there.
            self.refresh = Refresh::default();
            self.withdraw();
            return PollOutcome::Unchanged;
        }
        self.note_unreadable(error);
        let is_too_large = matches!(error, StoreError::Azure(azure::ReadError::TooLarge { .. }));
        if error.is_no_table() || is_too_large {
            // The tables themselves are wrong; the store can be reached.
            self.install_stored(None).await;
        }
        PollOutcome::Failed
    }

    fn install(&mut self, policy: Policy, warnings: &[Finding]) {
        let revision = policy.revision();
        let before = self
            .in_use
            .install(policy, shown(warnings), Timestamp::now());
        self.in_use.end_first_poll();
        self.retired.extend(before);
        self.drop_retired();
        info!(dps.policy_revision = %revision, warnings = warnings.len(), "policy installed");
        log_findings(warnings);
    }

    /// There is no candidate, which is not a fault.
    fn withdraw(&mut self) {
        let before = self.in_use.withdraw(Timestamp::now());
        if before.is_some() {
            info!("the candidate policy is withdrawn");
        }
        self.retired.extend(before);
        self.drop_retired();
    }

    fn refuse(&self, findings: &[Finding]) {
        self.in_use.refuse(shown(findings), Timestamp::now());
        let is_error = |it: &&Finding| it.severity == Severity::Error;
        let errors = findings.iter().filter(is_error).count();
        error!(
            errors,
            "the config tables are refused; a policy in use stays in use"
        );
        log_findings(findings);
    }

    /// Drops the policies that no request uses any more.
    pub(super) fn drop_retired(&mut self) {
        self.retired
            .retain(|snapshot| Arc::strong_count(snapshot) > 1);
    }

    fn note_unreadable(&self, error: &StoreError) {
        let error = error.to_string();
        if self.in_use.note_unreadable(error.clone(), Timestamp::now()) {
            error!(error, "the config tables cannot be read");
        }
    }

    /// Says in the status that a poll has panicked, until the next one succeeds.
    pub(super) fn note_fault(&mut self) -> PollOutcome {
        self.refresh.observe(None);
        let fault = "the program has a fault; its stderr says where".to_owned();
        self.in_use.note_unreadable(fault, Timestamp::now());
        error!("a fault of the program ended a poll of the config tables; the next one follows");
        PollOutcome::Failed
    }
}
