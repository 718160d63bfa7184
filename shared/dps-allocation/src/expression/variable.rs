//! What an expression may name.

use strum::{EnumString, IntoStaticStr, VariantArray};

/// A variable of expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "camelCase")]
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
    Now,
    Hub,
}

impl Variable {
    pub(super) fn as_str(self) -> &'static str {
        self.into()
    }

    /// Why it has no members, if a registration does not have it.
    pub(super) fn missing(self) -> &'static str {
        match self {
            Self::Payload => "the request has no payload",
            Self::Cert => "the request has no certificate",
            Self::CurrentHub => "the device has no hub yet",
            Self::Device => "no row of devices was read for the device",
            Self::Tenant => "the tenant is not decided yet",
            Self::Hub => "the hub is not chosen yet",
            Self::Attestation => "the request does not say how the device attests",
            Self::RegistrationId
            | Self::RegistrationIdAsWritten
            | Self::Enrollment
            | Self::IotEdge
            | Self::Now => "it is null",
        }
    }
}
