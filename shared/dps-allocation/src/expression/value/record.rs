//! The members of the variables that have members.

use super::val::{DeviceMembers, List, Record, Val};
use crate::certificate::{Certificate, Name};
use crate::expression::members::{CERTIFICATE, CHOSEN_HUB, DEVICE, ENROLLMENT, NAME};
use crate::registration::{Enrollment, ResourceName};

impl<'a> Record<'a> {
    /// The names of the members that it can have.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let members = match self {
            Self::Enrollment(_) => ENROLLMENT,
            Self::Certificate(_) => CERTIFICATE,
            Self::Name(_) => NAME,
            Self::Device(_) => DEVICE,
            Self::Hub(_) => CHOSEN_HUB,
        };
        members.iter().map(|(name, _)| *name)
    }

    /// The members that it has.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'static str, Val<'a>)> {
        self.names()
            .filter_map(|name| Some((name, self.member(name)?)))
    }

    /// The value of a member, where it has that member.
    pub(crate) fn member(&self, name: &str) -> Option<Val<'a>> {
        match self {
            Self::Enrollment(enrollment) => enrollment_member(enrollment, name),
            Self::Certificate(certificate) => certificate_member(certificate, name),
            Self::Name(own) => name_member(own, name),
            Self::Device(device) => device.member(name),
            Self::Hub(hub) => match name {
                "name" => Some(Val::text(hub.name)),
                "region" => hub.region.map(Val::text),
                "geography" => hub.geography.map(Val::text),
                _ => None,
            },
        }
    }
}

impl<'a> DeviceMembers<'a> {
    fn member(&self, name: &str) -> Option<Val<'a>> {
        let view = self.view;
        match name {
            "tenant" => view.tenant.map(Val::text),
            "location" => view.location.map(Val::text),
            "hub" => view.hub.map(Val::text),
            "profile" => view.profile.map(Val::text),
            "attributes" => self.attributes.map(Val::from),
            _ => None,
        }
    }
}

fn enrollment_member<'a>(enrollment: &'a Enrollment<'a>, name: &str) -> Option<Val<'a>> {
    let registry = &enrollment.registry;
    let resource =
        |name: &'a Option<ResourceName<'a>>| name.as_ref().map(|name| Val::text(name.as_str()));
    match name {
        "id" => Some(Val::text(enrollment.id.as_str())),
        "kind" => Some(Val::text(enrollment.kind.as_str())),
        "deviceId" => enrollment.device_id.as_deref().map(Val::text),
        "namespaceName" => resource(&registry.namespace_name),
        "certificateAuthorityName" => resource(&registry.certificate_authority_name),
        "certificatePolicyName" => resource(&registry.certificate_policy_name),
        "credentialPolicyName" => resource(&registry.credential_policy_name),
        "deviceTypeRefs" => {
            let references = &registry.device_type_refs;
            (!references.is_empty()).then(|| Val::List(List::References(references)))
        }
        _ => None,
    }
}

fn certificate_member<'a>(certificate: &'a Certificate, name: &str) -> Option<Val<'a>> {
    Some(match name {
        "subject" => Val::record(Record::Name(&certificate.subject)),
        "issuer" => Val::record(Record::Name(&certificate.issuer)),
        "dnsNames" => texts(&certificate.dns_names),
        "sha1Thumbprint" => Val::text(&certificate.sha1_thumbprint),
        "sha256Thumbprint" => Val::text(&certificate.sha256_thumbprint),
        "serialNumber" => Val::text(&certificate.serial_number),
        "notBefore" => Val::Int(certificate.not_before),
        "notAfter" => Val::Int(certificate.not_after),
        _ => return None,
    })
}

fn name_member<'a>(own: &'a Name, name: &str) -> Option<Val<'a>> {
    let text = |text: &'a Option<String>| text.as_deref().map(Val::text);
    match name {
        "commonName" => text(&own.common_name),
        "commonNames" => Some(texts(&own.common_names)),
        "organization" => text(&own.organization),
        "organizations" => Some(texts(&own.organizations)),
        "organizationalUnit" => text(&own.organizational_unit),
        "organizationalUnits" => Some(texts(&own.organizational_units)),
        "country" => text(&own.country),
        "countries" => Some(texts(&own.countries)),
        _ => None,
    }
}

fn texts(texts: &[String]) -> Val<'_> {
    Val::List(List::Texts(texts))
}
