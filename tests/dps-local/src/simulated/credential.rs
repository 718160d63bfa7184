//! What a device shows.

use jiff::{SignedDuration, Timestamp};

use crate::key::SymmetricKey;
use crate::signing::DeviceCertificate;
use crate::token::sign;

/// How long a token is good.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How a device shows who it is.
#[derive(Clone)]
pub enum SimulatedCredential {
    /// It does not.
    None,
    /// Its own key, which it signs tokens with.
    Key(SymmetricKey),
    /// In the TLS handshake.
    Certificate(DeviceCertificate),
}

impl SimulatedCredential {
    /// A token for this resource; none if the credential is another.
    pub(super) fn token(&self, resource: &str, policy: Option<&str>) -> Option<String> {
        match self {
            Self::Key(key) => Some(sign(key, resource, policy, Timestamp::now() + HOUR)),
            Self::None | Self::Certificate(_) => None,
        }
    }
}

impl std::fmt::Debug for SimulatedCredential {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::None => "None",
            Self::Key(_) => "Key(..)",
            Self::Certificate(_) => "Certificate(..)",
        })
    }
}
