//! Telemetry that is started, and what a test records with it.

use std::ffi::OsString;
use std::time::Duration;

use dps_settings::Environment;
use dps_telemetry::{Decided, Outcome, Settings, Telemetry};
use http::HeaderMap;

/// Longer than anything takes that does not wait for a collector.
pub(crate) const LONG: Duration = Duration::from_mins(1);

pub(crate) const ASSIGNED: Decided<'_> = Decided {
    outcome: Outcome::Assigned,
    reason: "weighted",
    registration_id: Some("device-01"),
    enrollment_id: Some("factory"),
    tenant: Some("contoso"),
    hub: Some("contoso.azure-devices.net"),
    rollout: None,
    policy_revision: Some("7765cd0a39a9"),
};

pub(crate) const REFUSED: Decided<'_> = Decided {
    outcome: Outcome::Refused,
    reason: "refusedByRule",
    hub: None,
    ..ASSIGNED
};

pub(crate) fn started(settings: &[(&str, &str)]) -> Telemetry {
    let settings = settings
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Telemetry::start(&Environment::new(settings).read(Settings::read).unwrap()).unwrap()
}

pub(crate) fn allocate(telemetry: &Telemetry, decided: &Decided<'_>) {
    let mut allocation = telemetry.allocation(&HeaderMap::new());
    allocation.decided(decided);
    allocation.end("/api/allocate", 200, None);
}
