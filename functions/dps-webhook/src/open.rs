//! From settings to what answers requests; nothing is read yet.

use std::sync::Arc;

use dps_policy_store::StoreSettings;
use dps_telemetry::{Destinations, PolicyState, Telemetry};
use jiff::Timestamp;
use tracing::info;

use crate::app::App;
use crate::body::BodyMemory;
use crate::decision_log::DecisionLog;
use crate::devices::DeviceLookup;
use crate::front::Front;
use crate::last_good::LastGoodFiles;
use crate::lines::Lines;
use crate::policy::PolicyInUse;
use crate::refresh::PolicyRefresh;
use crate::rejected::RejectedCallers;
use crate::serve_error::ServeError;
use crate::settings::Settings;
use crate::shadow::Shadow;

/// Logs whether and where telemetry is sent.
pub(crate) fn log_destinations(settings: &Settings) {
    let Destinations { traces, metrics } = settings.telemetry.destinations();
    info!(%traces, %metrics, "telemetry");
}

/// The webhook without a socket.
pub(crate) struct Opened {
    pub(crate) app: App,
    /// What keeps its policy up to date.
    pub(crate) refresh: PolicyRefresh,
    /// The same for a candidate policy.
    pub(crate) shadow: Option<PolicyRefresh>,
}

/// The webhook as the settings say.
pub(crate) fn open(settings: &Settings, lines: Lines) -> Result<Opened, ServeError> {
    let telemetry = Telemetry::start(&settings.telemetry)?;
    let store = settings.store.open()?;
    // Connections belong to the thread that has opened them. Both share one token, which reading the
    // tables fetches, so that the first lookup of a device need not wait for it.
    let devices = DeviceLookup::new(store.apart()?);
    let policy = Arc::new(PolicyInUse::new(store.to_string(), settings.refresh));
    watch(&telemetry, &policy);
    let refresh = PolicyRefresh::new(store, Arc::clone(&policy))
        .creating_tables(settings.store.creates_tables())
        .with_telemetry(telemetry.clone())
        .with_last_good(LastGoodFiles::of(
            settings.cache_dir.clone(),
            LastGoodFiles::deployed(),
        ));
    let candidate = settings
        .shadow
        .as_ref()
        .map(StoreSettings::open)
        .transpose()?;
    let candidate = candidate.map(|store| {
        let policy = Arc::new(PolicyInUse::new(store.to_string(), settings.refresh));
        (
            Shadow::new(Arc::clone(&policy)),
            PolicyRefresh::new(store, policy).as_candidate(),
        )
    });
    let (shadow, shadow_refresh) = candidate.unzip();
    let app = App {
        policy,
        shadow,
        polls: None,
        devices,
        telemetry,
        bodies: BodyMemory::default(),
        deadline: settings.deadline,
        ids: settings.ids.clone(),
        front: if settings.under_host {
            Front::FunctionsHost
        } else {
            Front::Direct
        },
        log: DecisionLog::new(lines.clone(), &settings.log),
        lines: RejectedCallers::are_logged(&settings.log).then_some(lines),
    };
    Ok(Opened {
        app,
        refresh,
        shadow: shadow_refresh,
    })
}

/// Metrics of the policy come from the same place as `/api/health`.
fn watch(telemetry: &Telemetry, policy: &Arc<PolicyInUse>) {
    let policy = Arc::clone(policy);
    telemetry.watch_policy(move || {
        let revision = policy.now().as_ref()?.revision.to_string();
        let confirmed = policy.status().confirmed?;
        let age = Timestamp::now().duration_since(confirmed);
        Some(PolicyState {
            revision,
            age: age.unsigned_abs(),
        })
    });
}
