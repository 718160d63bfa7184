//! Shared access policies of the service, and what they allow.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::key::KeyPair;
use crate::refusal::Refusal;
use crate::token::Token;

/// The policy that each service has from the start.
pub(crate) const OWNER: &str = "provisioningserviceowner";

/// What a policy may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Right {
    ServiceConfig,
    EnrollmentRead,
    EnrollmentWrite,
    DeviceConnect,
    RegistrationStatusRead,
    RegistrationStatusWrite,
}

impl Right {
    const ALL: [Self; 6] = [
        Self::ServiceConfig,
        Self::EnrollmentRead,
        Self::EnrollmentWrite,
        Self::DeviceConnect,
        Self::RegistrationStatusRead,
        Self::RegistrationStatusWrite,
    ];
}

/// Keys with rights, as ARM writes them but for the list of rights, which is a text there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccessPolicy {
    pub(crate) key_name: String,
    #[serde(flatten)]
    pub(crate) keys: KeyPair,
    pub(crate) rights: Vec<Right>,
}

impl AccessPolicy {
    /// May do everything.
    pub(crate) fn owner() -> Self {
        Self {
            key_name: OWNER.to_owned(),
            keys: KeyPair::random(),
            rights: Right::ALL.to_vec(),
        }
    }

    /// Checks a token that names this policy, for the service of this host name.
    pub(crate) fn check(
        &self,
        token: &Token<'_>,
        host: &str,
        right: Right,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if token.check(host, self.keys.keys(), now).is_err() {
            return Err(Refusal::unauthorized_access());
        }
        if !self.rights.contains(&right) {
            return Err(Refusal::lacks_right(&format!("{right:?}")));
        }
        Ok(())
    }
}
