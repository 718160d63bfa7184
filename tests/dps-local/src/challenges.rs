//! Challenges that devices with a TPM have not answered yet.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::id::RegistrationId;
use crate::registration::Tpm;

/// How long a challenge can be answered. How long DPS waits is not known.
const LIFETIME: Duration = Duration::from_mins(10);

/// At most one of each device that is enrolled with a TPM. Kept in memory only: after a restart a device is challenged
/// again.
#[derive(Debug, Default)]
pub(crate) struct Challenges(Mutex<HashMap<String, Challenge>>);

#[derive(Debug)]
struct Challenge {
    tpm: Tpm,
    made: Timestamp,
}

impl Challenges {
    /// A device is challenged; an earlier challenge counts no more.
    pub(crate) fn begin(&self, id: &RegistrationId, tpm: Tpm, now: Timestamp) {
        self.with(|challenges| {
            challenges.insert(id.key(), Challenge { tpm, made: now });
        });
    }

    /// The TPM that can answer the challenge of a device, with the key of that.
    pub(crate) fn get(&self, id: &RegistrationId, now: Timestamp) -> Option<Tpm> {
        self.with(|challenges| {
            let challenge = challenges.get(&id.key())?;
            let age = now.duration_since(challenge.made).unsigned_abs();
            (age < LIFETIME).then(|| challenge.tpm.clone())
        })
    }

    /// A challenge has been answered, and its answer cannot be used once more.
    pub(crate) fn end(&self, id: &RegistrationId) {
        self.with(|challenges| drop(challenges.remove(&id.key())));
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, Challenge>) -> T) -> T {
        // Each change is whole.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
