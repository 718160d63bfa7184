//! Shared access signatures: of devices, and of those who manage the service or a hub.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::key::SymmetricKey;

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("the token is not `SharedAccessSignature sr=..&sig=..&se=..`")]
    Malformed,
    #[error("the token is for another resource")]
    Resource,
    #[error("the token has expired")]
    Expired,
    #[error("the token is not signed with a key of this resource")]
    Signature,
}

/// A token as it was received.
#[derive(Debug)]
pub(crate) struct Token<'a> {
    /// As it is written, which is how it is signed: some clients encode it, some do not.
    resource: &'a str,
    /// As it is written, which is how it is signed.
    expiry: &'a str,
    /// In seconds since 1970.
    expires: i64,
    signature: Vec<u8>,
    policy: Option<String>,
}

impl<'a> Token<'a> {
    /// Reads a token: fields in any order, `skn` may be missing.
    pub(crate) fn parse(text: &'a str) -> Result<Self, TokenError> {
        let fields = text.trim().strip_prefix("SharedAccessSignature ");
        let fields = fields.ok_or(TokenError::Malformed)?.trim_start();
        let field = |name: &str| {
            let mut found = fields.split('&').filter_map(|pair| pair.split_once('='));
            let value = found.find(|(key, _)| *key == name);
            value.map(|(_, value)| value)
        };
        let required = |name| field(name).ok_or(TokenError::Malformed);
        let (resource, expiry) = (required("sr")?, required("se")?);
        let signature = STANDARD.decode(decoded(required("sig")?)?);
        let (Ok(signature), Ok(expires)) = (signature, expiry.parse()) else {
            return Err(TokenError::Malformed);
        };
        Ok(Self {
            resource,
            expiry,
            expires,
            signature,
            policy: field("skn").map(decoded).transpose()?,
        })
    }

    /// The shared access policy that it names.
    pub(crate) fn policy(&self) -> Option<&str> {
        self.policy.as_deref()
    }

    /// When it ends; `None` if that is later than can be said.
    pub(crate) fn expires(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.expires).ok()
    }

    /// Checks that it is for this resource, still good, and signed with one of the keys.
    ///
    /// Resources are compared without regard to case: IoT Edge sends them in lower case.
    pub(crate) fn check<'k>(
        &self,
        resource: &str,
        keys: impl IntoIterator<Item = &'k SymmetricKey>,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        if !decoded(self.resource)?.eq_ignore_ascii_case(resource) {
            return Err(TokenError::Resource);
        }
        if self.expires <= now.as_second() {
            return Err(TokenError::Expired);
        }
        let mut keys = keys.into_iter();
        let is_signed = keys.any(|key| self.is_signed_with(key));
        is_signed.then_some(()).ok_or(TokenError::Signature)
    }

    fn is_signed_with(&self, key: &SymmetricKey) -> bool {
        key.verifies(
            &format!("{}\n{}", self.resource, self.expiry),
            &self.signature,
        )
    }
}

fn decoded(text: &str) -> Result<String, TokenError> {
    match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(TokenError::Malformed),
    }
}

/// Signs a token as the SDKs do, with an encoded resource.
///
/// `policy` names a shared access policy; devices have none.
#[must_use]
pub fn sign(
    key: &SymmetricKey,
    resource: &str,
    policy: Option<&str>,
    expires: Timestamp,
) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (resource, expiry) = (encoded(resource), expires.as_second());
    let signature = STANDARD.encode(key.sign(&format!("{resource}\n{expiry}")));
    let signature = encoded(&signature);
    let policy = policy.map_or_else(String::new, |policy| format!("&skn={policy}"));
    format!("SharedAccessSignature sr={resource}&sig={signature}&se={expiry}{policy}")
}
