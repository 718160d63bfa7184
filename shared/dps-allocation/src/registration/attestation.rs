//! How a device proved who it is.

use serde::Deserialize;

use crate::wire::{DeviceRuntimeContext, EnrollmentRecord, Text};

/// How a device proved who it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Attestation<'a> {
    /// A client certificate; its text is parsed only when a decision needs it.
    X509(Option<Text<'a>>),
    /// A symmetric key; DPS strips the keys from the request.
    SymmetricKey,
    /// A TPM.
    Tpm,
}

impl Attestation<'_> {
    /// Every word that [`Attestation::as_str`] gives.
    pub(crate) const WORDS: [&'static str; 3] = ["x509", "symmetricKey", "tpm"];

    /// The word for expressions and logs, as DPS spells it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::X509(_) => "x509",
            Self::SymmetricKey => "symmetricKey",
            Self::Tpm => "tpm",
        }
    }
}

/// The enrollment's `attestation`, as far as it is read.
#[derive(Deserialize)]
struct AttestationMechanism<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
}

/// The device's own member says how it attests, or else the enrollment's `attestation.type`.
pub(super) fn attestation<'a>(
    device: &DeviceRuntimeContext<'a>,
    record: &EnrollmentRecord<'a>,
) -> Option<Attestation<'a>> {
    if let Some(x509) = &device.x509 {
        return Some(Attestation::X509(x509.client_certificate.clone()));
    }
    if device.symmetric_key.is_some() {
        return Some(Attestation::SymmetricKey);
    }
    if device.tpm.is_some() {
        return Some(Attestation::Tpm);
    }
    let mechanism: AttestationMechanism<'_> =
        serde_json::from_str(record.attestation?.get()).ok()?;
    match &*mechanism.kind {
        "x509" => Some(Attestation::X509(None)),
        "symmetricKey" => Some(Attestation::SymmetricKey),
        "tpm" => Some(Attestation::Tpm),
        _ => None,
    }
}
