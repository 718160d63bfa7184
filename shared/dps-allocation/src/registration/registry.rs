//! What enrollments say about Azure Device Registry, from 2025-07-01-preview on.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::wire::{EnrollmentRecord, Text};

/// Longest name and reference that is read, in bytes.
///
/// Names of Azure resources have at most 90. The limit also excludes a certificate signing
/// request, which has at least twice as many, from members that are logged.
const MAX_NAME: usize = 128;

/// The members of an enrollment that name parts of Azure Device Registry; absent on older ones.
///
/// A member of another form counts as absent: it never fails a registration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryMembers<'a> {
    /// The namespace; the device may only use hubs of it.
    pub namespace_name: Option<ResourceName<'a>>,
    /// The authority that issues certificates.
    pub certificate_authority_name: Option<ResourceName<'a>>,
    /// The policy by which certificates are issued.
    pub certificate_policy_name: Option<ResourceName<'a>>,
    /// The policy by which certificates are issued, as 2025-07-01-preview calls it.
    pub credential_policy_name: Option<ResourceName<'a>>,
    /// References to device types, as the enrollment spells them.
    pub device_type_refs: Vec<Text<'a>>,
}

/// The name of an Azure resource in lower case, since Azure compares names without regard to case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceName<'a>(Cow<'a, str>);

impl<'a> ResourceName<'a> {
    /// Reads a name; none for a text that is empty, too long, or has control characters.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Option<Self> {
        let text = text.into();
        is_name(&text).then(|| {
            let upper = text.chars().any(char::is_uppercase);
            Self(if upper {
                Cow::Owned(text.to_lowercase())
            } else {
                text
            })
        })
    }

    /// The name in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control)
}

impl<'a> RegistryMembers<'a> {
    pub(super) fn read(record: &EnrollmentRecord<'a>) -> Self {
        Self {
            namespace_name: name(record.namespace_name),
            certificate_authority_name: name(record.certificate_authority_name),
            certificate_policy_name: name(record.certificate_policy_name),
            credential_policy_name: name(record.credential_policy_name),
            device_type_refs: references(record.device_type_refs),
        }
    }

    /// Whether devices with a symmetric key get a certificate.
    #[must_use]
    pub fn issues_certificates(&self) -> bool {
        self.certificate_policy_name.is_some() || self.credential_policy_name.is_some()
    }
}

fn name(member: Option<&RawValue>) -> Option<ResourceName<'_>> {
    let text: Text<'_> = serde_json::from_str(member?.get()).ok()?;
    ResourceName::new(text.0)
}

/// The references that are strings.
fn references(member: Option<&RawValue>) -> Vec<Text<'_>> {
    let items: Option<Vec<&RawValue>> =
        member.and_then(|member| serde_json::from_str(member.get()).ok());
    let texts = items.into_iter().flatten().filter_map(|item| {
        let text: Text<'_> = serde_json::from_str(item.get()).ok()?;
        is_name(&text).then_some(text)
    });
    texts.collect()
}
