//! CA certificates that enrollment groups may refer to, once somebody has shown to hold their key.

use serde::{Deserialize, Serialize};

use crate::certificate::{Certificate, hex};
use crate::chain::Chain;
use crate::etag::Etag;
use crate::key::random_bytes;
use crate::refusal::Refusal;

/// A certificate of the service, by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Authority {
    pub(crate) name: String,
    pub(crate) certificate: Certificate,
    pub(crate) is_verified: bool,
    /// Good for one proof.
    pub(crate) verification_code: Option<String>,
    pub(crate) etag: Etag,
    pub(crate) created: String,
    pub(crate) updated: String,
}

/// What the common name of a proof has to be.
pub(crate) fn verification_code() -> String {
    // As long as those of DPS.
    hex(&random_bytes(24))
}

impl Authority {
    /// Checks a certificate that the CA has issued for the verification code.
    pub(crate) fn check_proof(
        &self,
        proof: Certificate,
        now: jiff::Timestamp,
    ) -> Result<(), Refusal> {
        let named = proof.common_name().map(str::to_owned);
        let issued = Chain {
            leaf: proof,
            others: Vec::new(),
        };
        let Some(code) = &self.verification_code else {
            return Err(Refusal::invalid("no verification code was generated"));
        };
        if named.as_ref() != Some(code) {
            return Err(Refusal::invalid(
                "the common name of the proof has to be the verification code",
            ));
        }
        match issued.distance(&self.certificate, now) {
            Some(_) => Ok(()),
            None => Err(Refusal::invalid(
                "the proof has to be valid, and issued by the certificate that it verifies",
            )),
        }
    }
}
