//! Ids as DPS and IoT Hub allow them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest id, of registrations, groups and devices alike.
const LONGEST: usize = 128;

/// What DPS allows in a registration id besides letters and digits.
const OF_REGISTRATION: &str = "-._:";

/// What IoT Hub allows in a device id besides letters and digits.
const OF_DEVICE: &str = "-:.+%_#*?!(),=@;$'";

/// Why a text is not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IdError {
    /// It has no characters, or more than 128.
    #[error("`{0}` has to have 1 to 128 characters")]
    Length(String),
    /// It has a character that is not allowed.
    #[error("`{0}` may have letters, digits and `{1}`")]
    Character(String, &'static str),
    /// It ends with one that is not allowed there.
    #[error("`{0}` has to end with a letter, a digit or `-`")]
    End(String),
}

/// The id of a registration or of an enrollment group, as it was written.
///
/// DPS compares it without regard to case ([`key`](Self::key)), but derives keys from it as it was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct RegistrationId(String);

impl RegistrationId {
    /// What ids are compared and stored by.
    pub(crate) fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for RegistrationId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for RegistrationId {}

impl TryFrom<String> for RegistrationId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        let text = checked(text, OF_REGISTRATION)?;
        if text.ends_with(['.', '_', ':']) {
            return Err(IdError::End(text));
        }
        Ok(Self(text))
    }
}

impl From<RegistrationId> for String {
    fn from(id: RegistrationId) -> Self {
        id.0
    }
}

impl fmt::Display for RegistrationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The id of a device on a hub. Case matters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct DeviceId(String);

impl DeviceId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&RegistrationId> for DeviceId {
    /// The device id of a registration for which the enrollment names none.
    fn from(id: &RegistrationId) -> Self {
        Self(id.0.clone())
    }
}

impl TryFrom<String> for DeviceId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        checked(text, OF_DEVICE).map(Self)
    }
}

impl From<DeviceId> for String {
    fn from(id: DeviceId) -> Self {
        id.0
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn checked(text: String, others: &'static str) -> Result<String, IdError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    if text.is_empty() || text.len() > LONGEST {
        Err(IdError::Length(text))
    } else if text.chars().all(allowed) {
        Ok(text)
    } else {
        Err(IdError::Character(text, others))
    }
}
