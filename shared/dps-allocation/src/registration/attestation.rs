//! How a device proved who it is.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

use crate::wire::{DeviceRuntimeContext, EnrollmentRecord, Text};
use crate::words::words;

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

/// [`Attestation`] without the certificate.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    EnumString,
    IntoStaticStr,
    VariantArray,
    VariantNames,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum AttestationKind {
    /// A client certificate.
    X509,
    /// A symmetric key.
    SymmetricKey,
    /// A TPM.
    Tpm,
}

impl AttestationKind {
    /// Every word of [`AttestationKind::as_str`].
    pub(crate) const WORDS: &'static [&'static str] = <Self as VariantNames>::VARIANTS;
}

words!(AttestationKind);

impl<'a> Attestation<'a> {
    /// An attestation of a kind; only [`AttestationKind::X509`] has a certificate.
    #[must_use]
    pub fn new(kind: AttestationKind, certificate: Option<Text<'a>>) -> Self {
        match kind {
            AttestationKind::X509 => Self::X509(certificate),
            AttestationKind::SymmetricKey => Self::SymmetricKey,
            AttestationKind::Tpm => Self::Tpm,
        }
    }

    /// What it is, without the certificate.
    #[must_use]
    pub fn kind(&self) -> AttestationKind {
        match self {
            Self::X509(_) => AttestationKind::X509,
            Self::SymmetricKey => AttestationKind::SymmetricKey,
            Self::Tpm => AttestationKind::Tpm,
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
    Some(Attestation::new(mechanism.kind.parse().ok()?, None))
}
