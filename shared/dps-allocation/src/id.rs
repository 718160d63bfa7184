//! Ids of registrations, enrollments and tenants.
//!
//! DPS and IoT Hub compare all of them without regard to case, so each is kept in lower case.

use std::borrow::Cow;

/// Why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// The text is empty.
    #[error("it is empty")]
    Empty,
    /// More characters than the field admits.
    #[error("it has more than {0} characters")]
    TooLong(usize),
    /// A character outside the field's alphabet.
    #[error("it holds {0:?}: only letters, digits and `{1}` are allowed")]
    Character(char, &'static str),
    /// Registration ids end in a letter, a digit or `-`.
    #[error("it ends with {0:?}: the last character must be a letter, a digit or `-`")]
    LastCharacter(char),
    /// A host name has an empty label or one that begins or ends with `-`.
    #[error("its labels are separated by dots, none is empty or begins or ends with `-`")]
    NotAHost,
    /// `<hub>.service.<cloud>`.
    #[error("it is the host name for back ends, which no device can use: remove `.service`")]
    ServiceName,
}

/// Longest registration, enrollment and tenant id, in characters.
///
/// Registration ids: <https://learn.microsoft.com/azure/iot-dps/concepts-service#registration-id>.
/// Enrollment group ids follow the same rule; tenant ids are ours and follow it too.
const MAX_ID: usize = 128;

/// Characters that an id may hold besides letters and digits (same source).
const ID_MARKS: &str = "-._:";

/// A registration id: at most 128 of `A-Z a-z 0-9 - . _ :`, the last alphanumeric or `-`.
#[derive(Clone, Debug)]
pub struct RegistrationId<'a> {
    written: Cow<'a, str>,
    /// Set only if it differs: most devices send lower case, and nothing is copied.
    lower: Option<Box<str>>,
}

impl<'a> RegistrationId<'a> {
    /// Reads a registration id.
    ///
    /// # Errors
    /// [`IdError`] names the rule that the text breaks.
    pub fn parse(text: impl Into<Cow<'a, str>>) -> Result<Self, IdError> {
        let written = text.into();
        check_id(&written)?;
        let capitals = written.bytes().any(|byte| byte.is_ascii_uppercase());
        let lower = capitals.then(|| written.to_ascii_lowercase().into());
        Ok(Self { written, lower })
    }

    /// The id in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.lower.as_deref().unwrap_or(&self.written)
    }

    /// The id as the request spells it: device ids in IoT Hub are case-sensitive.
    #[must_use]
    pub fn as_written(&self) -> &str {
        &self.written
    }
}

impl PartialEq for RegistrationId<'_> {
    /// Without regard to case.
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RegistrationId<'_> {}

/// The id of an enrollment group, or the registration id of an individual enrollment.
///
/// Both follow the rule of [`RegistrationId`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrollmentId<'a>(Cow<'a, str>);

impl<'a> EnrollmentId<'a> {
    /// Reads an enrollment id.
    ///
    /// # Errors
    /// [`IdError`] names the rule that the text breaks.
    pub fn parse(text: impl Into<Cow<'a, str>>) -> Result<Self, IdError> {
        let text = text.into();
        check_id(&text)?;
        Ok(Self(lower_case(text)))
    }

    /// The id in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Most devices send lower case: nothing is copied.
fn lower_case(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        text
    }
}

/// A tenant id in lower case, as the `tenants` table names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(Box<str>);

impl TenantId {
    /// Reads a tenant id; the rule is that of [`RegistrationId::parse`].
    ///
    /// # Errors
    /// [`IdError`] names the rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        check_id(text)?;
        Ok(Self(text.to_ascii_lowercase().into()))
    }

    /// The id in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id of the tenant that a claim names, which may not exist.
///
/// The case of the letters `A` to `Z` and spaces around the id do not count. Nothing else is folded
/// or trimmed: a line separator, a no-break space or a letter that looks alike makes it another id,
/// which no tenant has.
pub(crate) fn claimed_tenant(claim: &str) -> String {
    claim.trim_matches(' ').to_ascii_lowercase()
}

/// Checks a registration, enrollment or tenant id without keeping it.
pub(crate) fn check_id(text: &str) -> Result<(), IdError> {
    check_alphabet(text, MAX_ID, ID_MARKS)?;
    match text.chars().last() {
        Some(last) if last.is_ascii_alphanumeric() || last == '-' => Ok(()),
        Some(last) => Err(IdError::LastCharacter(last)),
        None => Err(IdError::Empty),
    }
}

/// Checks that a text has 1 to `max` letters, digits and `marks`.
pub(crate) fn check_alphabet(text: &str, max: usize, marks: &'static str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || marks.contains(c);
    if let Some(outside) = text.chars().find(|c| !allowed(*c)) {
        return Err(IdError::Character(outside, marks));
    }
    if text.len() > max {
        return Err(IdError::TooLong(max));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn registration(text: &str, expected: Result<&str, IdError>) {
        let parsed = RegistrationId::parse(text);
        assert_eq!(
            parsed
                .as_ref()
                .map(RegistrationId::as_str)
                .map_err(|error| *error),
            expected
        );
    }

    #[test]
    fn registration_ids_follow_the_documented_rule() {
        registration(
            "breakroom499-contoso-tstrsd-007",
            Ok("breakroom499-contoso-tstrsd-007"),
        );
        registration("SAS-IoT-Devices", Ok("sas-iot-devices"));
        registration("a:b_c.d-", Ok("a:b_c.d-"));
        registration(&"x".repeat(128), Ok(&"x".repeat(128)));
        registration(&"x".repeat(129), Err(IdError::TooLong(128)));
        registration("", Err(IdError::Empty));
        registration("pump.", Err(IdError::LastCharacter('.')));
        registration("a/b", Err(IdError::Character('/', ID_MARKS)));
        registration("zürich", Err(IdError::Character('ü', ID_MARKS)));
        registration("a\0b", Err(IdError::Character('\0', ID_MARKS)));
        registration("x' or 1 eq 1", Err(IdError::Character('\'', ID_MARKS)));
    }
}
