//! The service itself, whichever way devices and operators reach it.

mod assign;
mod attest;
mod caller;
mod choose;
mod core;
mod device;
mod issue;
mod job;
mod place;
mod register;
mod request;
mod webhook;

use std::sync::Arc;

pub(crate) use self::core::Core;
pub(crate) use caller::{Answer, Caller, Credential, Transport};

use crate::enrollment::TpmKeys;

/// A Device Provisioning Service. Clones are the same service.
///
/// The doors (HTTPS, MQTT, AMQP) read what a client sends into a [`Caller`] and a body, and write an [`Answer`].
#[derive(Clone, Debug)]
pub(crate) struct Dps(Arc<Core>);

impl Dps {
    /// Starts it, and goes on with the registrations that the last run did not end.
    pub(crate) fn new(core: Arc<Core>) -> Self {
        assign::resume(&core);
        Self(core)
    }

    /// What all parts share.
    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.0
    }

    /// Registers a device. The first answer is `assigning`; [`operation`](Self::operation) has the result.
    pub(crate) async fn register(&self, caller: &Caller, body: &[u8]) -> Answer {
        register::register(&self.0, caller, body).await
    }

    /// Challenges a TPM whose device has not asked to register yet; the key for it, wrapped, or none if it is refused.
    pub(crate) fn challenge(&self, caller: &Caller, shown: TpmKeys) -> Option<Vec<u8>> {
        register::challenge_ahead(&self.0, caller, shown)
    }

    /// How far a registration is.
    pub(crate) fn operation(&self, caller: &Caller, operation: &str) -> Answer {
        device::operation(&self.0, caller, operation)
    }

    /// What is known of a device's registration.
    pub(crate) fn lookup(&self, caller: &Caller, body: &[u8]) -> Answer {
        device::lookup(&self.0, caller, body)
    }
}
