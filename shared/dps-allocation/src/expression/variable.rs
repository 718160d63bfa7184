//! What an expression may name.

/// A variable of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    RegistrationId,
    RegistrationIdAsWritten,
    Enrollment,
    Attestation,
    Cert,
    IotEdge,
    Payload,
    CurrentHub,
    Tenant,
    Device,
}

impl Variable {
    pub(super) const ALL: [Self; 10] = [
        Self::RegistrationId,
        Self::RegistrationIdAsWritten,
        Self::Enrollment,
        Self::Attestation,
        Self::Cert,
        Self::IotEdge,
        Self::Payload,
        Self::CurrentHub,
        Self::Tenant,
        Self::Device,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::RegistrationId => "registrationId",
            Self::RegistrationIdAsWritten => "registrationIdAsWritten",
            Self::Enrollment => "enrollment",
            Self::Attestation => "attestation",
            Self::Cert => "cert",
            Self::IotEdge => "iotEdge",
            Self::Payload => "payload",
            Self::CurrentHub => "currentHub",
            Self::Tenant => "tenant",
            Self::Device => "device",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    /// Why it has no members, where a registration does not have it.
    pub(super) fn missing(self) -> &'static str {
        match self {
            Self::Payload => "the request has no payload",
            Self::Cert => "the request has no certificate",
            Self::CurrentHub => "the device has no hub yet",
            Self::Device => "no row of devices was read for the device",
            Self::Tenant => "the tenant is not decided yet",
            Self::Attestation => "the request does not say how the device attests",
            Self::RegistrationId
            | Self::RegistrationIdAsWritten
            | Self::Enrollment
            | Self::IotEdge => "it is null",
        }
    }
}
