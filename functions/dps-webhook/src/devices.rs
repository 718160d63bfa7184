//! The row of the device that a request is about, if its enrollment asks for one.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;

use dps_allocation::{
    DeviceFact, DeviceRecord, DeviceRows, Finding, Policy, Registration, RegistrationId,
};
use dps_policy_store::PolicyStore;
use dps_policy_store::azure::AzureTables;
use dps_telemetry::Allocation;
use jiff::{SignedDuration, Timestamp};
use lru::LruCache;
use parking_lot::Mutex;
use tracing::warn;

use crate::deadline::Deadline;
use crate::logged::Named;
use crate::policy::Snapshot;
use crate::store_error::kind_of_azure;

/// Looks up device rows: in the policy itself if a folder is read, else in Azure Tables.
#[derive(Debug)]
pub struct DeviceLookup(Option<Lookup>);

#[derive(Debug)]
struct Lookup {
    tables: AzureTables,
    /// Rows that were found within [`TIME_TO_LIVE`].
    cache: Mutex<LruCache<String, Cached>>,
}

#[derive(Clone, Debug)]
struct Cached {
    record: Arc<DeviceRecord>,
    /// Wall-clock time: the monotonic clock stands still while Lambda freezes the process.
    read: Timestamp,
}

/// What a lookup has found.
pub(crate) enum Found {
    /// The enrollment does not ask for a row.
    NotRead,
    /// The rows came with the policy.
    WithPolicy,
    Row(Arc<DeviceRecord>),
    Missing,
    Unavailable,
    /// What is wrong with the row.
    Invalid(Vec<Finding>),
}

/// Rows that are cached, about 1 KiB each: more than register within [`TIME_TO_LIVE`], since DPS
/// lets 1,000 devices a minute register.
/// <https://learn.microsoft.com/azure/iot-dps/about-iot-dps#quotas-and-limits>
const CAPACITY: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

/// How long a row is cached: a device that registers again because an answer was lost, or that goes
/// through DPS twice when it starts, costs one lookup. An edit of a row counts after this.
const TIME_TO_LIVE: SignedDuration = SignedDuration::from_secs(10);

impl DeviceLookup {
    /// Looks in the tables of this store.
    #[must_use]
    pub fn new(store: PolicyStore) -> Self {
        Self(match store {
            PolicyStore::Csv(_) => None,
            PolicyStore::Azure(tables) => Some(Lookup {
                tables,
                cache: Mutex::new(LruCache::new(CAPACITY)),
            }),
        })
    }

    /// Looks the device up if the enrollment asks for it; gives up at the deadline.
    pub(crate) async fn find(
        &self,
        snapshot: &Snapshot,
        (registration, named): (&Registration<'_>, &Named<'_>),
        deadline: Deadline,
        allocation: &mut Allocation<'_>,
    ) -> Found {
        match (&self.0, snapshot.policy.device_rows(registration)) {
            (_, DeviceRows::Off) => Found::NotRead,
            (None, _) => Found::WithPolicy,
            (Some(lookup), _) => {
                let found = lookup.find((&registration.id, named), deadline, allocation);
                // A request that looks nothing up does not carry the state of a lookup.
                Box::pin(found).await
            }
        }
    }
}

impl Lookup {
    async fn find(
        &self,
        (id, named): (&RegistrationId<'_>, &Named<'_>),
        deadline: Deadline,
        allocation: &mut Allocation<'_>,
    ) -> Found {
        if let Some(record) = self.cached(id) {
            allocation.device_row_is_cached();
            return Found::Row(record);
        }
        let row = self.tables.device(id, deadline.left());
        let row = match allocation.read_device_row(row, kind_of_azure).await {
            Ok(Some(stored)) => {
                log_errors(named, &stored.findings);
                stored.row
            }
            // Not cached: a row that is added now counts at once.
            Ok(None) => return Found::Missing,
            Err(error) => {
                let id = &*named.registration;
                let error = error.to_string();
                let error = named.hide(&error);
                warn!(dps.registration_id = id, %error, "the device's row cannot be read");
                return Found::Unavailable;
            }
        };
        match DeviceRecord::read(row) {
            Ok(record) => Found::Row(self.store(id, record)),
            Err(findings) => Found::Invalid(findings),
        }
    }

    fn cached(&self, id: &RegistrationId<'_>) -> Option<Arc<DeviceRecord>> {
        let mut cache = self.cache.lock();
        let found = cache.get(id.as_str())?;
        is_alive(found.read, Timestamp::now()).then(|| Arc::clone(&found.record))
    }

    fn store(&self, id: &RegistrationId<'_>, record: DeviceRecord) -> Arc<DeviceRecord> {
        let record = Arc::new(record);
        let mut cache = self.cache.lock();
        let cached = Cached {
            record: Arc::clone(&record),
            read: Timestamp::now(),
        };
        cache.put(id.as_str().to_owned(), cached);
        record
    }
}

impl Found {
    /// What the policy may know of the row, and what is wrong with it.
    pub(crate) fn fact<'a>(
        &'a self,
        policy: &'a Policy,
        id: &RegistrationId<'_>,
    ) -> (DeviceFact<'a>, Cow<'a, [Finding]>) {
        let row = match self {
            Self::NotRead => return (DeviceFact::NotRead, Cow::default()),
            Self::Missing => return (DeviceFact::Missing, Cow::default()),
            Self::Unavailable => return (DeviceFact::Unavailable, Cow::default()),
            Self::Invalid(findings) => return (DeviceFact::Invalid, findings.into()),
            Self::WithPolicy => Ok(policy.device(id)),
            Self::Row(record) => policy.recorded_device(record),
        };
        match row {
            Ok(None) => (DeviceFact::Missing, Cow::default()),
            Ok(Some(row)) => (DeviceFact::Row(row), Cow::default()),
            Err(findings) => (DeviceFact::Invalid, findings.into()),
        }
    }
}

/// A clock that was set back does not prolong the life of a row.
fn is_alive(read: Timestamp, now: Timestamp) -> bool {
    now.duration_since(read).abs() < TIME_TO_LIVE
}

/// Logs what is wrong with the row.
pub(crate) fn log_errors(named: &Named<'_>, findings: &[Finding]) {
    let id = &*named.registration;
    for finding in findings {
        let text = finding.to_string();
        let text = named.hide(&text);
        warn!(dps.registration_id = id, finding = ?text, "the device's row has errors");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(seconds: i64, expected: bool) {
        let read = Timestamp::UNIX_EPOCH;
        let now = read + SignedDuration::from_secs(seconds);
        assert_eq!(is_alive(read, now), expected, "after {seconds} s");
    }

    /// Also if the process was frozen in between.
    #[test]
    fn a_row_is_cached_for_ten_seconds_of_wall_clock_time() {
        check(0, true);
        check(9, true);
        check(10, false);
        check(3_600, false);
        check(-3_600, false);
    }
}
