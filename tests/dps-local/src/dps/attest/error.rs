//! Why a device is not who it says.

use crate::refusal::Refusal;
use crate::token::TokenError;

/// Why a device is not who it says. The device is told less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AttestationError {
    #[error("the id scope is another")]
    IdScope,
    #[error("there is no credential")]
    NoCredential,
    #[error("no enrollment attests like this")]
    NoEnrollment,
    #[error("the enrollment of the device attests in another way")]
    OtherMechanism,
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error("the endorsement key or the storage root key is not that of the enrollment")]
    OtherTpm,
    #[error("the storage root key of the TPM is not known")]
    NoStorageRootKey,
    #[error("no challenge waits for an answer of this TPM")]
    NoChallenge,
    #[error("TPMs do not attest over MQTT")]
    TpmOverMqtt,
    #[error("no enrollment has this TPM")]
    UnknownTpm,
    #[error("the certificate cannot be read")]
    Unreadable,
    #[error("the common name of the certificate is not the registration id")]
    CommonName,
    #[error("the certificate is not valid at this time")]
    NotValidNow,
    #[error("the certificate is not one that the enrollment trusts")]
    NotTrusted,
}

impl AttestationError {
    pub(crate) fn refusal(self) -> Refusal {
        match self {
            Self::NoCredential => Refusal::unauthorized(),
            Self::Unreadable | Self::CommonName | Self::NotValidNow | Self::NotTrusted => {
                Refusal::invalid_certificate()
            }
            // As for a device whose enrollment is not found by a C# client.
            Self::UnknownTpm => Refusal::enrollment_not_found(),
            Self::NoStorageRootKey => Refusal::invalid(self),
            Self::IdScope
            | Self::NoEnrollment
            | Self::OtherMechanism
            | Self::OtherTpm
            | Self::NoChallenge
            | Self::TpmOverMqtt
            | Self::Token(_) => Refusal::unauthorized_access(),
        }
    }
}
